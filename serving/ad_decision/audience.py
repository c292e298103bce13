"""Who asks, as far as ad decisions may know: consent, household, and what is inferred of both (HH-6, HH-8, HH-9)."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.algorithms.ads.opportunity import Viewer
from core.algorithms.ads.rules import AdRules
from core.contracts.households import ASSIGNMENTS, INFERENCES
from core.paths import Paths
from serving.ad_decision.consents import Consents
from serving.ad_decision.homes import Homes, Trait, trait
from serving.ad_decision.interests import shared_interests

_log = logging.getLogger("mediathek")
_REREAD_FACTOR = 30  # reading again takes at most this part of the time
_UNKNOWN = Trait((), np.zeros(0, np.int16))


@dataclass(frozen=True)
class Known:
    """One state of the household artefacts."""

    homes: Homes = field(default_factory=lambda: Homes.of(ASSIGNMENTS.empty_table()))
    age_group: Trait = _UNKNOWN
    gender: Trait = _UNKNOWN
    income: Trait = _UNKNOWN
    shared_interests: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Party:
    """Who asks. ``viewer`` None: unknown or without consent, and then nothing is kept under a unit of theirs."""

    viewer: Viewer | None
    units: tuple[str, ...]
    """All units whose plays count with theirs."""
    booked_under: tuple[str, ...]
    device: str | None
    household: str | None
    named: tuple[str, ...] = ()
    """Who the request itself names, consent or not: what they were shown in this very break, while there was consent,
    is not shown again in it. Nothing is ever kept under these."""


NOBODY = Party(None, (), (), None, None)


def nobody(named: tuple[str, ...]) -> Party:
    """Somebody of whom nothing may be known; see ``Party.named``."""
    return replace(NOBODY, named=named)


class Audience:
    """Asked by requests; ``refresh`` belongs into a background thread."""

    def __init__(self, paths: Paths, rules: AdRules, linked_categories: Callable[[], Iterable[str]]) -> None:
        self._paths, self._rules = paths, rules
        self._linked_categories = linked_categories
        self._signature: tuple[object, ...] | None = None
        self._not_before = 0.0
        self.known = Known()
        self.consents = Consents()

    def device(self, device_key: str) -> Party:
        """A device with its household; nobody without consent (PRV-2)."""
        if not self.consents.has(device_key):
            return nobody((device_key,))
        known = self.known
        row = known.homes.device(device_key)
        if row is None:
            return Party(Viewer(), (device_key,), (device_key,), device_key, None)
        home = int(known.homes.home[row])
        household = known.homes.household_ids[home].decode()
        viewer = Viewer(
            known.age_group.of(row),
            known.gender.of(row),
            known.income.of(home),
            known.shared_interests.get(household, frozenset()),
        )
        units = tuple(sorted({device_key, household, *known.homes.members(home)}))
        return Party(viewer, units, (device_key,), device_key, household)

    def household(self, household_id: str) -> Party | None:
        """A household without a device: all of its members with consent are booked; None where it is unknown."""
        known = self.known
        home = known.homes.household(household_id)
        members = known.homes.members(home) if home is not None else known.homes.former.get(household_id)
        if members is None:
            return None
        consenting = sorted(key for key in members if self.consents.has(key))
        if not consenting:
            return nobody((household_id, *members))
        income = known.income.of(home) if home is not None else None
        viewer = Viewer(income=income, shared_interests=known.shared_interests.get(household_id, frozenset()))
        booked = (household_id, *consenting)
        return Party(viewer, tuple(sorted({*members, *booked})), booked, None, household_id)

    def refresh(self) -> None:
        """Take up new artefacts, not too often."""
        signature = (*map(_stamp, self._files()), frozenset(self._linked_categories()))
        if signature == self._signature or time.monotonic() < self._not_before:
            return
        began = time.monotonic()
        self.known = self._read()
        self._signature = signature
        self._not_before = time.monotonic() + _REREAD_FACTOR * (time.monotonic() - began)

    def _files(self) -> tuple[Path, ...]:
        paths = self._paths
        return (paths.household_assignments, paths.household_inferences, paths.household_links)

    def _read(self) -> Known:
        paths, least = self._paths, self._rules.min_confidence
        if not paths.household_assignments.exists():
            return Known()
        columns = ["device_key", "household_id", "from_at", "until_at"]
        homes = Homes.of(pq.ParquetFile(paths.household_assignments).read(columns))
        file = paths.household_inferences
        found = pq.ParquetFile(file).read() if file.exists() else INFERENCES.empty_table()
        of = {what: found.filter(pc.equal(found["what"], what)) for what in ("age_group", "gender", "income")}
        return Known(
            homes,
            trait(of["age_group"], homes.device_keys, "device_key", least.age_group),
            trait(of["gender"], homes.device_keys, "device_key", least.gender),
            trait(of["income"], homes.household_ids, "household_id", least.income),
            shared_interests(paths, homes, self.consents, self._linked_categories(), self._rules.linked_offer),
        )


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns
