"""Ids that stay: a household keeps its id as long as most of it stays, and the feed says what changed (HH-3)."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.algorithms.households.change import Change

_HARDWARE, _LOCAL = 16, 1
"""A randomised MAC is never the anchor of a household: it counts only where nothing else does."""


@dataclass
class Identity:
    """Which household id each device has now, and the one it had before that."""

    now: dict[int, str] = field(default_factory=dict)
    former: dict[int, str] = field(default_factory=dict)

    def renewed(
        self, groups: dict[int, list[int]], gone: Iterable[int], keys: list[str], is_local: Callable[[int], bool],
        at_ms: int, reason: Callable[[int], str],
    ) -> list[Change]:  # fmt: skip
        """Give ids to groups of devices of which any has changed its label.

        Args:
            groups: devices by label; every device that shared an id with one of them is in one of them or gone.
            gone: devices that are nowhere any more.
            keys: device keys by number.
            is_local: whether a device has a randomised MAC.
            at_ms: time of the changes.
            reason: why a device is where it is.
        """
        before = {device: self.now.get(device) for members in groups.values() for device in members}
        ids = self._matched(groups, before, keys, is_local)
        left = [Change("leave", self.now.pop(d), keys[d], None, at_ms, "gone") for d in sorted(gone) if d in self.now]
        known = {home for home in before.values() if home is not None}
        still = set(ids.values())
        changes = []
        for label in sorted(groups, key=lambda label: ids[label]):
            home, members = ids[label], sorted(groups[label], key=lambda device: keys[device])
            came_from = {old for d in members if (old := before[d]) is not None and old != home}
            if home not in known:
                origin = next(iter(came_from)) if len(came_from) == 1 else None
                changes.append(Change("split" if origin else "new", home, None, origin, at_ms, reason(members[0])))
            changes += [Change("merge", home, None, old, at_ms, "seen-together") for old in sorted(came_from - still)]
            for device in members:
                changes += self._told(device, home, before[device], keys[device], at_ms, reason(device))
        return [*left, *changes]

    def _told(self, device: int, home: str, old: str | None, key: str, at_ms: int, reason: str) -> list[Change]:
        if old == home:
            return []
        self.now[device] = home
        if old is None:
            return [Change("join", home, key, None, at_ms, reason)]
        is_revert = self.former.get(device) == home
        self.former[device] = old
        return [
            Change("leave", old, key, home, at_ms, reason),
            Change("revert" if is_revert else "join", home, key, old, at_ms, reason),
        ]

    def _matched(
        self, groups: dict[int, list[int]], before: dict[int, str | None], keys: list[str],
        is_local: Callable[[int], bool],
    ) -> dict[int, str]:  # fmt: skip
        """Give each old id to the group that holds most of its devices; the others get new ones."""
        overlap: dict[tuple[int, str], int] = defaultdict(int)
        anchors = {}
        for label, members in groups.items():
            hardware = [device for device in members if not is_local(device)]
            anchors[label] = min(keys[device] for device in hardware or members)
            for device in members:
                old = before[device]
                if old is not None:
                    overlap[label, old] += _LOCAL if is_local(device) else _HARDWARE
        ids: dict[int, str] = {}
        taken: set[str] = set()
        for (label, old), _ in sorted(overlap.items(), key=lambda item: (-item[1], item[0][1], anchors[item[0][0]])):
            if label not in ids and old not in taken:
                ids[label] = old
                taken.add(old)
        in_use = set(self.now.values())
        for label in sorted(groups.keys() - ids.keys(), key=lambda label: anchors[label]):
            ids[label] = _new_id(anchors[label], in_use)
            in_use.add(ids[label])
        return ids


def _new_id(anchor: str, in_use: set[str]) -> str:
    for number in range(len(in_use) + 1):
        home = household_id(anchor, number)
        if home not in in_use:
            return home
    raise AssertionError("one of n + 1 ids is free")


def household_id(anchor: str, number: object = 0) -> str:
    """Return an id of our own: it is made from an anchor's pseudonym once, and then kept."""
    digest = hashlib.blake2b(f"{anchor}/{number}".encode(), digest_size=8).digest()
    return "hh-" + base64.b32encode(digest).decode()[:12].lower()
