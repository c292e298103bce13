"""The artefacts' tables (``core.contracts.households``), from labels to ids and from numbers to keys."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.algorithms.households import hosts
from core.algorithms.households.clustering import Clustering
from core.algorithms.households.labels import Homes
from core.algorithms.households.parameters import DAY_MS, MINUTE_MS, SCALE
from core.algorithms.households.presences import Ints, group_starts
from core.algorithms.households.reasons import reasons_of
from core.algorithms.households.scene import Scene
from core.algorithms.households.sightings import Sightings
from core.contracts.households import ASSIGNMENTS, LEASES, VISITS

NameLabels = Callable[[Ints], list[str | None]]
"""Household ids of labels, None for ``hosts.NOBODY``."""


@dataclass
class Found:
    """What a refresh found."""

    sightings: Sightings
    scene: Scene
    clustering: Clustering


def assignments(found: Found, name: NameLabels) -> pa.Table:
    """Who lives where, from when until when; consent withdrawn ends a row (PRV-2), consent given again begins one."""
    seen = found.scene.presences
    order = np.argsort(seen.device, kind="stable")
    starts = group_starts(seen.device[order])
    begin = seen.day * DAY_MS + seen.first * found.scene.parameters.bucket_minutes * MINUTE_MS
    devices = seen.device[order][starts]
    homes, rows = found.clustering.homes, _Rows()
    for number, times in zip(devices.tolist(), np.split(begin[order], starts[1:]), strict=True):
        _lived(found, homes, number, np.sort(times), rows)
    keys = [found.sightings.device_keys[device] for device in rows.device]
    reasons = reasons_of(found.scene, found.clustering)
    columns = [
        pa.array(keys, pa.string()), pa.array(name(np.array(rows.label, np.int64)), pa.string()),
        _times(rows.from_ms), _times(rows.until_ms), pa.array(rows.confidence, pa.float64()),
        pa.array([reasons.code[device] for device in rows.device], pa.string()),
        pa.array(reasons.is_separable[rows.device], pa.bool_()),
    ]  # fmt: skip
    table = pa.Table.from_arrays(columns, schema=ASSIGNMENTS)
    return table.sort_by([("device_key", "ascending"), ("from_at", "ascending")])


class _Rows:
    def __init__(self) -> None:
        self.device: list[int] = []
        self.label: list[int] = []
        self.from_ms: list[int | None] = []
        self.until_ms: list[int | None] = []
        self.confidence: list[float] = []

    def add(self, device: int, label: int, from_ms: int, until_ms: int | None, confidence: float) -> None:
        self.device.append(device)
        self.label.append(label)
        self.from_ms.append(from_ms)
        self.until_ms.append(until_ms)
        self.confidence.append(confidence)


def _lived(found: Found, homes: Homes, device: int, times: Ints, rows: _Rows) -> None:
    """Add the rows of one device: before and after a move, cut where consent was withdrawn."""
    label, confidence = int(homes.now[device]), certainty(int(found.clustering.margin[device]))
    stretches: list[tuple[int, int, int | None]] = [(label, int(times[0]), None)]
    if device in homes.moves:
        earlier, day = homes.moves[device]
        at = int(times[min(int(np.searchsorted(times, day * DAY_MS)), len(times) - 1)])
        if at > times[0]:
            stretches = [(earlier, int(times[0]), at), (label, at, None)]
    withdrawn = found.sightings.withdrawn_ms.get(found.sightings.device_keys[device])
    for of, from_ms, until_ms in stretches:
        if withdrawn is None or (until_ms is not None and until_ms <= withdrawn):
            rows.add(device, of, from_ms, until_ms, confidence)
        elif from_ms < withdrawn:
            rows.add(device, of, from_ms, withdrawn, confidence)
    if withdrawn is not None and (again := times[times > withdrawn]).size:
        rows.add(device, label, int(again[0]), None, confidence)


def certainty(margin: int) -> float:
    """Return the odds of a margin as a probability, never quite 1."""
    return round(min(0.99, float(1 / (1 + np.exp(-min(margin / SCALE, 30.0))))), 3)


def leases(found: Found, name: NameLabels) -> pa.Table:
    """Whose each address was and when."""
    rows, sightings = hosts.leases_of(found.scene, found.clustering.homes), found.sightings
    days = np.asarray(sightings.address_days, np.int64)[rows.address]
    bucket = found.scene.parameters.bucket_minutes * MINUTE_MS
    columns = [
        pa.array([sightings.address_keys[address] for address in rows.address.tolist()], pa.string()),
        pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32()),
        _times(days * DAY_MS + rows.first * bucket), _times(days * DAY_MS + (rows.last + 1) * bucket),
        pa.array(name(rows.label), pa.string()),
        pa.array([hosts.KINDS[kind] for kind in rows.kind.tolist()], pa.string()),
        pa.array(rows.device_count.astype(np.int32)), pa.array(rows.sighting_count.astype(np.int32)),
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=LEASES)


def visits(found: Found, name: NameLabels) -> pa.Table:
    """Where devices were guests."""
    scene, homes = found.scene, found.clustering.homes
    rows = hosts.visits_of(scene, homes)
    guest = scene.calm.take(rows.row)
    home = homes.at(guest.device, guest.day)
    bucket = scene.parameters.bucket_minutes
    columns = [
        pa.array([found.sightings.device_keys[device] for device in guest.device.tolist()], pa.string()),
        pa.array(name(home), pa.string()), pa.array(name(rows.host), pa.string()),
        pa.array(guest.day.astype(np.int32), pa.int32()).cast(pa.date32()), pa.array(guest.is_night),
        pa.array(((guest.last - guest.first + 1) * bucket).astype(np.float64)),
        _times(guest.day * DAY_MS + (guest.last + 1) * bucket * MINUTE_MS),
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=VISITS)


def _times(values: "list[int | None] | NDArray[np.int64]") -> pa.Array:
    return pa.array(values, pa.int64()).cast(pa.timestamp("ms")).cast(pa.timestamp("us"))
