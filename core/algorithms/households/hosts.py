"""Visits and leases, once it is known who lives where: whose each lease was, and who was a guest in it."""

from dataclasses import dataclass

import numpy as np

from core.algorithms.households import crowds
from core.algorithms.households.labels import Homes
from core.algorithms.households.parameters import CLASSES
from core.algorithms.households.presences import Ints, group_starts, sums_of
from core.algorithms.households.scene import Scene
from core.algorithms.households.votes import lease_evidence

NOBODY = -1
KINDS = ("home", "shared", "public", "mobile", "unknown")


@dataclass
class Visits:
    """Rows of ``scene.calm`` and the label of the household that the device was a guest of."""

    row: Ints
    host: Ints


def visits_of(scene: Scene, homes: Homes) -> Visits:
    """Find the presences in a lease of somebody else's: others of that household there outweigh those of the own.

    A presence counts too where host and guest were not there at the same time, if the lease hardly changed hands.
    """
    calm = scene.calm
    everybody = np.ones(len(calm), np.bool_)
    found = lease_evidence(scene, homes, calm, everybody)
    home = homes.at(calm.device, calm.day)
    is_own = found.label == home[found.row]
    own = np.zeros(len(calm))
    own[found.row[is_own]] = found.says[is_own]
    is_host = (
        ~is_own
        & (found.nearest >= scene.parameters.visit_chance)
        & (found.says > own[found.row])
        & (found.says > found.of_place[found.row])
    )
    row, label, says = found.row[is_host], found.label[is_host], found.says[is_host]
    order = np.lexsort((scene.devices.rank[label >> 1], -says, row))
    first = order[group_starts(row[order])]
    return Visits(row[first], label[first])


@dataclass
class Leases:
    """Columns; ``label`` is ``NOBODY`` where the kind is not home. Buckets are of the day."""

    address: Ints
    first: Ints
    last: Ints
    label: Ints
    kind: Ints
    device_count: Ints
    sighting_count: Ints


def leases_of(scene: Scene, homes: Homes) -> Leases:
    """Cut each address's day into leases: presences that overlap are one lease, and so are neighbours of one owner."""
    seen = scene.presences
    order = np.lexsort((seen.first, seen.address))
    address, first, last = seen.address[order], seen.first[order], seen.last[order]
    reach = _running_maximum(address, last)
    starts = np.ones(len(order), np.bool_)
    starts[1:] = (address[1:] != address[:-1]) | (first[1:] > reach[:-1])
    starts[1:] &= (address[1:] != address[:-1]) | (scene.crowd[address[1:]] == crowds.CALM)
    block = np.cumsum(starts) - 1
    owner, kind = _owners(scene, homes, order, block)
    begins = np.flatnonzero(starts)
    differs = np.ones(len(begins), np.bool_)
    differs[1:] = (address[begins][1:] != address[begins][:-1]) | (owner[1:] != owner[:-1])
    lease = np.flatnonzero(differs)
    rows = begins[lease]
    ends = np.append(rows[1:], len(order))
    sizes = np.diff(np.append(rows, len(order)))
    return Leases(
        address[rows], first[rows], reach[ends - 1] if len(rows) else rows, owner[lease], kind[lease], sizes,
        sums_of(seen.count[order], rows),
    )  # fmt: skip


def _owners(scene: Scene, homes: Homes, order: Ints, block: Ints) -> tuple[Ints, Ints]:
    """Return the label and kind of each block: who has most there, if it is no crowd."""
    seen, devices = scene.presences, scene.devices
    label = homes.at(seen.device[order], seen.day[order])
    weight = np.rint(1000 * np.asarray(scene.parameters.owner)[devices.device_class[seen.device[order]]]).astype(
        np.int64
    )
    key = block << 27 | label
    by_key = np.argsort(key, kind="stable")
    starts = group_starts(key[by_key])
    groups = key[by_key][starts]
    sums = sums_of(weight[by_key], starts)
    best = np.lexsort((devices.rank[(groups & (1 << 27) - 1) >> 1], -sums, groups >> 27))
    best = best[group_starts((groups >> 27)[best])]
    owner = groups[best] & (1 << 27) - 1
    begins = group_starts(block)
    crowd = scene.crowd[seen.address[order][begins]]
    is_stationary = devices.device_class[seen.device[order]] < CLASSES.index("tablet")
    share = sums_of(is_stationary.astype(np.int64), begins) / np.maximum(
        sums_of(np.ones(len(block), np.int64), begins), 1
    )
    is_night = np.logical_or.reduceat(seen.is_night[order], begins) if len(begins) else np.empty(0, np.bool_)
    away = np.where(
        share >= 0.2, KINDS.index("shared"), np.where(is_night, KINDS.index("mobile"), KINDS.index("public"))
    )
    away = np.where(crowd == crowds.SHARED, KINDS.index("shared"), away)
    kind = np.where(crowd == crowds.CALM, KINDS.index("home"), away)
    return np.where(crowd == crowds.CALM, owner, NOBODY), kind


def _running_maximum(group: Ints, values: Ints) -> Ints:
    """Return the maximum so far within each group (groups sorted)."""
    if not len(values):
        return values
    base = group * (int(values.max()) + 1)
    return np.asarray(np.maximum.accumulate(base + values) - base)
