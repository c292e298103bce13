"""Households: the one object that batch and live feed, refresh and read (HH-1, HH-2)."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.algorithms.households import crowds, evidence_table, hosts, reasons, tables
from core.algorithms.households.change import Change, Evidence
from core.algorithms.households.clustering import Clustering, clustered
from core.algorithms.households.identity import Identity, household_id
from core.algorithms.households.parameters import DAY_MS, Parameters
from core.algorithms.households.presences import Ints
from core.algorithms.households.scene import Devices, Scene, scene_of
from core.algorithms.households.sightings import FORGOTTEN, Sightings, addresses_of
from core.algorithms.households.why import evidence_of
from core.contracts.households import ASSIGNMENTS, EVIDENCE, LEASES, VISITS


class Households:
    """Groups devices by evidence. Times are epoch milliseconds (UTC), keys are pseudonyms.

    A refresh is a function of the set of sightings: neither order nor repetition matters, late events are normal. Only
    the ids remember: a household keeps its own as long as most of it stays.
    """

    def __init__(self, parameters: Parameters | None = None) -> None:
        self.parameters = parameters or Parameters()
        self._sightings = Sightings(self.parameters)
        self._identity = Identity()
        self._scene: Scene | None = None
        self._clustering: Clustering | None = None
        self._removed: list[Ints] = []
        self._is_loaded = False
        """Since it was loaded there was no refresh: the ids of all are to be looked at."""

    # --- what comes in ---------------------------------------------------------------------------------------
    def observe(
        self, device_keys: Sequence[str], address_keys: Sequence[str], at_ms: Sequence[int],
        device_classes: Sequence[str], is_mac_local: Sequence[bool | None] | None = None,
        user_keys: Sequence[str | None] | None = None,
    ) -> None:  # fmt: skip
        """Take events with consent (parallel sequences, any order, repeated ones count once)."""
        self._sightings.observe(device_keys, address_keys, at_ms, device_classes, is_mac_local, user_keys)

    def withdraw(self, device_key: str, at_ms: int) -> None:
        """End a device's row: consent was withdrawn at that time (PRV-2)."""
        known = self._sightings.withdrawn_ms
        known[device_key] = max(at_ms, known.get(device_key, at_ms))

    def forget(self, device_keys: Iterable[str]) -> None:
        """Erase devices and all that was seen of them (PRV-3)."""
        gone = [device for key in device_keys if (device := self._sightings.device(key)) is not None]
        self._removed.append(self._taken_in())
        self._removed.append(self._sightings.without(gone))
        for device in gone:
            self._sightings.erase(device)

    def expire(self, before_ms: int) -> None:
        """Forget the days that ended before a time (PRV-4)."""
        self._removed.append(self._taken_in())
        self._removed.append(self._sightings.without_days_before(before_ms // DAY_MS))

    def _taken_in(self) -> Ints:
        return self._sightings.take_new()

    def ids(self) -> dict[str, str]:
        """Return the household of each device that is seen, by key."""
        keys = self._sightings.device_keys
        return {keys[device]: home for device, home in self._identity.now.items()}

    def keep_ids(self, homes: Mapping[str, str]) -> None:
        """Go on with ids that were given elsewhere (household by device); the next refresh says what differs."""
        known = {number: home for key, home in homes.items() if (number := self._sightings.device(key)) is not None}
        self._identity = Identity(known, self._identity.former)
        self._is_loaded = True

    # --- clustering ------------------------------------------------------------------------------------------
    def refresh(self, now_ms: int) -> list[Change]:
        """Take in what came since the last call and return what that changed."""
        changed_rows = np.concatenate([self._taken_in(), *self._removed])
        self._removed = []
        touched = np.array(sorted(self._sightings.touched), np.int64)
        self._sightings.touched.clear()
        if self._clustering is not None and not len(changed_rows) and not len(touched) and not self._is_loaded:
            return []
        before, old = self._scene, self._clustering
        self._scene = self._seen()
        if before is not None:
            touched = np.union1d(touched, _touched(before, self._scene, np.unique(addresses_of(changed_rows))))
        self._clustering = clustered(self._scene, old, touched)
        return self._renamed(old, now_ms)

    def _seen(self) -> Scene:
        sightings = self._sightings
        rank = [int.from_bytes(hashlib.blake2b(key.encode(), digest_size=7).digest()) for key in sightings.device_keys]
        devices = Devices(
            np.array(sightings.classes, np.int64), np.array(sightings.is_local, np.bool_), np.array(rank, np.int64)
        )
        days = np.array(sightings.address_days, np.int64)
        return scene_of(sightings.rows, days, devices, sightings.login_pairs(), self.parameters)

    def _renamed(self, old: Clustering | None, now_ms: int) -> list[Change]:
        """Keep or give ids where labels differ from the last refresh."""
        assert self._scene is not None
        assert self._clustering is not None
        homes, sightings = self._clustering.homes, self._sightings
        codes = reasons.reasons_of(self._scene, self._clustering).code
        count = len(sightings.device_keys)
        seen = np.zeros(count, np.bool_)
        seen[self._scene.presences.device] = True
        gone = [device for device in self._identity.now if not seen[device]]
        unnamed = [device for device in np.flatnonzero(seen).tolist() if device not in self._identity.now]
        labels = homes.now[np.array(unnamed + gone, np.int64)]
        if old is None or self._is_loaded:
            labels = homes.now
        else:
            previous = old.homes.grown(count)
            changed = np.flatnonzero(previous.now != homes.now)
            labels = np.concatenate([labels, homes.now[changed]])
            stayed = np.flatnonzero(np.isin(previous.now, np.union1d(previous.now[changed], previous.now[gone])))
            labels = np.concatenate([labels, homes.now[stayed]])
        self._is_loaded = False
        members = np.flatnonzero(np.isin(homes.now, labels) & seen)
        groups: dict[int, list[int]] = {}
        for device, label in zip(members.tolist(), homes.now[members].tolist(), strict=True):
            groups.setdefault(label, []).append(device)
        return self._identity.renewed(
            groups,
            gone,
            sightings.device_keys,
            lambda device: sightings.is_local[device],
            now_ms,
            codes.__getitem__,
        )

    # --- what goes out ---------------------------------------------------------------------------------------
    def assignments(self) -> pa.Table:
        """Return who lives where, from when until when (``ASSIGNMENTS``)."""
        found = self._found()
        return tables.assignments(found, self._names) if found else ASSIGNMENTS.empty_table()

    def leases(self) -> pa.Table:
        """Return whose an address was and when (``LEASES``)."""
        found = self._found()
        return tables.leases(found, self._names) if found else LEASES.empty_table()

    def visits(self) -> pa.Table:
        """Return where devices were seen in the lease of a household not their own (``VISITS``)."""
        found = self._found()
        return tables.visits(found, self._names) if found else VISITS.empty_table()

    def evidence(self) -> pa.Table:
        """Return why each device is where it is, as counts (``EVIDENCE``); ``why`` for all of them at once."""
        found = self._found()
        return evidence_table.evidence(found, self._names) if found else EVIDENCE.empty_table()

    def crowds(self) -> dict[str, int]:
        """Count what proved nothing, by rule: crowded or shared addresses, devices behind them, large households."""
        found = self._found()
        return reasons.crowd_counts(found.scene, found.clustering) if found else {}

    def why(self, device_key: str) -> Evidence:
        """Return why a device is counted to its household."""
        device, found = self._sightings.device(device_key), self._found()
        if device is None or found is None or device not in self._identity.now:
            return Evidence(device_key, None, 0.0, 0, 0, 0, 0, (), "Never seen.")
        return evidence_of(found, device, self._identity.now[device])

    def _found(self) -> tables.Found | None:
        if self._scene is None or self._clustering is None or not len(self._scene.presences):
            return None
        return tables.Found(self._sightings, self._scene, self._clustering)

    def _names(self, labels: Ints) -> list[str | None]:
        """Return the households of labels; a label that nobody has any more was somebody's home once."""
        assert self._clustering is not None
        now, keys = self._clustering.homes.now, self._sightings.device_keys
        names: dict[int, str | None] = {hosts.NOBODY: None}
        for device, home in self._identity.now.items():
            names[int(now[device])] = home
        for label in np.unique(labels).tolist():
            if label not in names:
                names[label] = household_id(keys[label >> 1], "before")
        return [names[label] for label in labels.tolist()]

    # --- state -----------------------------------------------------------------------------------------------
    def save(self, folder: Path) -> None:
        """Write the whole state below a folder; ``load`` reads it."""
        folder.mkdir(parents=True, exist_ok=True)
        if len(new := self._taken_in()):
            self._removed.append(new)
        self._sightings.save(folder)
        keys = self._sightings.device_keys
        ids = {
            name: {keys[device]: home for device, home in known.items() if keys[device] != FORGOTTEN}
            for name, known in (("now", self._identity.now), ("former", self._identity.former))
        }
        (folder / "ids.json").write_text(json.dumps(ids))

    @classmethod
    def load(cls, folder: Path, parameters: Parameters | None = None) -> "Households":
        """Read what ``save`` wrote; the homes are clustered again, the ids are those saved."""
        self = cls(parameters)
        self._sightings = Sightings.load(folder, self.parameters)
        ids = json.loads((folder / "ids.json").read_text())
        device = self._sightings.device
        self._identity = Identity(
            *(
                {n: home for key, home in ids[name].items() if (n := device(key)) is not None}
                for name in ("now", "former")
            )
        )
        if self._identity.now:
            self._scene = self._seen()
            self._clustering = clustered(self._scene, None, np.arange(len(self._scene.devices)))
            self._is_loaded = True
        return self


def _touched(before: Scene, after: Scene, addresses: Ints) -> Ints:
    """Return the devices of addresses that have changed: their presences, whether they are crowds, or their router."""
    common = len(before.crowd)
    differs = (before.crowd != after.crowd[:common]) | (before.router != after.router[:common])
    addresses = np.union1d(addresses, np.flatnonzero(differs))
    was_calm = np.append(before.crowd == crowds.CALM, np.zeros(len(after.crowd) - common, np.bool_))
    addresses = addresses[was_calm[addresses] | (after.crowd[addresses] == crowds.CALM)]  # crowds prove nothing
    routers = np.union1d(before.router[addresses[addresses < common]], after.router[addresses])
    addresses = np.union1d(
        np.flatnonzero(np.isin(before.router, routers)), np.flatnonzero(np.isin(after.router, routers))
    )
    old, new = before.presences, after.presences
    return np.union1d(old.device[old.of_addresses(addresses)], new.device[new.of_addresses(addresses)])
