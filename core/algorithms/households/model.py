"""Households: the one object that batch and live feed, refresh and read (HH-1, HH-2)."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.algorithms.households.change import Change, Evidence
from core.algorithms.households.parameters import Parameters
from core.algorithms.households.sightings import Sightings
from core.contracts.households import ASSIGNMENTS, LEASES, VISITS


class Households:
    """Groups devices by evidence. Times are epoch milliseconds (UTC), keys are pseudonyms.

    A refresh is a function of the set of sightings: neither order nor repetition matters, late events are normal.
    """

    def __init__(self, parameters: Parameters | None = None) -> None:
        self.parameters = parameters or Parameters()
        self._sightings = Sightings(self.parameters)
        self._home: dict[int, str] = {}

    def observe(
        self, device_keys: Sequence[str], address_keys: Sequence[str], at_ms: Sequence[int],
        device_classes: Sequence[str], is_mac_local: Sequence[bool | None] | None = None,
        user_keys: Sequence[str | None] | None = None,
    ) -> None:  # fmt: skip
        """Take events with consent (parallel sequences, any order, repeated ones count once)."""
        self._sightings.observe(device_keys, address_keys, at_ms, device_classes, is_mac_local, user_keys)

    def withdraw(self, device_key: str, at_ms: int) -> None:
        """End a device's row: consent was withdrawn at that time (PRV-2)."""
        device = self._sightings.device(device_key)
        if device is not None:
            known = self._sightings.withdrawn_ms
            known[device] = min(at_ms, known.get(device, at_ms))

    def forget(self, device_keys: Iterable[str]) -> None:
        """Erase devices and all that was seen of them (PRV-3)."""
        gone = {self._sightings.device(key) for key in device_keys} - {None}
        self._sightings.take_new()
        devices, _, _ = self._sightings.columns()
        self._sightings.keep(~np.isin(devices, sorted(number for number in gone if number is not None)))

    def expire(self, before_ms: int) -> None:
        """Forget sightings older than a time (PRV-4)."""
        self._sightings.take_new()
        self._sightings.keep(self._sightings.at_ms() >= before_ms)

    def refresh(self, now_ms: int) -> list[Change]:
        """Take in what came since the last call and return what that changed."""
        self._sightings.take_new()
        before, self._home = self._home, self._clustered()
        keys = self._sightings.device_keys
        return [
            Change("new" if device not in before else "join", home, keys[device], before.get(device), now_ms, "co-seen")
            for device, home in sorted(self._home.items())
            if before.get(device) != home
        ]

    def assignments(self) -> pa.Table:
        """Return who lives where, from when until when (``ASSIGNMENTS``)."""
        devices, _, _ = self._sightings.columns()
        at = self._sightings.at_ms()
        first: dict[int, int] = {}
        for device, seen_ms in zip(devices.tolist(), at.tolist(), strict=True):
            first[device] = min(first.get(device, seen_ms), seen_ms)
        rows = [
            {
                "device_key": self._sightings.device_keys[device],
                "household_id": home,
                "from_at": first[device] * 1000,
                "until_at": None if (w := self._sightings.withdrawn_ms.get(device)) is None else w * 1000,
                "confidence": 0.5,
                "reason": "co-seen",
                "is_separable": True,
            }
            for device, home in sorted(self._home.items())
        ]
        return pa.Table.from_pylist(rows, schema=ASSIGNMENTS)

    def leases(self) -> pa.Table:
        """Return whose an address was and when (``LEASES``)."""
        return LEASES.empty_table()

    def visits(self) -> pa.Table:
        """Return where devices were seen in the lease of a household not their own (``VISITS``)."""
        return VISITS.empty_table()

    def why(self, device_key: str) -> Evidence:
        """Return why a device is counted to its household."""
        device = self._sightings.device(device_key)
        home = self._home.get(device) if device is not None else None
        return Evidence(device_key, home, 0.5, 0, 0, 0, 0, (), "seen")

    def save(self, folder: Path) -> None:
        """Write the whole state below a folder; ``load`` reads it."""
        self._sightings.save(folder)
        (folder / "homes.json").write_text(json.dumps(sorted(self._home.items())))

    @classmethod
    def load(cls, folder: Path, parameters: Parameters | None = None) -> "Households":
        """Read what ``save`` wrote."""
        self = cls(parameters)
        self._sightings = Sightings.load(folder, self.parameters)
        self._home = {int(device): home for device, home in json.loads((folder / "homes.json").read_text())}
        return self

    def _clustered(self) -> dict[int, str]:
        """Join devices that shared small addresses on two days or more."""
        devices, addresses, _ = self._sightings.columns()
        together: Counter[tuple[int, int]] = Counter()
        by_address: dict[int, set[int]] = {}
        for device, address in zip(devices.tolist(), addresses.tolist(), strict=True):
            by_address.setdefault(address, set()).add(device)
        for members in by_address.values():
            if len(members) <= self.parameters.max_home_devices:
                ordered = sorted(members)
                together.update((a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :])
        parent = {int(device): int(device) for device in np.unique(devices)}

        def root(device: int) -> int:
            while parent[device] != device:
                device = parent[device]
            return device

        for (first, second), days in together.items():
            if days > 1:
                one, other = sorted((root(first), root(second)))
                parent[other] = one
        return {device: _id_of(self._sightings.device_keys[root(device)]) for device in parent}


def _id_of(anchor: str) -> str:
    digest = hashlib.sha256(anchor.encode()).digest()
    return "hh-" + base64.b32encode(digest).decode()[:12].lower()
