"""Households whose devices together say that they are one; and those that are too large to be one."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.algorithms.households.agglomerate import agglomerate
from core.algorithms.households.labels import Homes, alone
from core.algorithms.households.parameters import SCALE
from core.algorithms.households.presences import DEVICE_BITS, Flags, Ints, group_starts, sums_of
from core.algorithms.households.scene import Scene


def merged(scene: Scene, homes: Homes) -> Homes:
    """Join labels by the summed weights of their devices' pairs, best first."""
    one, other, agreement, home_days = _between(scene, homes)
    if not len(one):
        return homes
    parameters = scene.parameters
    apart, least = round(SCALE * parameters.apart), round(SCALE * parameters.merge_from)
    labels, activity = _activity(scene, homes, np.union1d(one, other))
    a, b = np.searchsorted(labels, one), np.searchsorted(labels, other)
    weight = agreement - apart * (np.einsum("ij,ij->i", activity[a], activity[b]) - home_days)
    strong = weight > least
    count = len(labels)
    graph = coo_array((np.ones(int(strong.sum())), (a[strong], b[strong])), shape=(count, count))
    part = connected_components(graph, directed=False)[1]
    sizes = np.bincount(part)
    replaced: dict[int, int] = {}
    order = np.lexsort((labels & 1, scene.devices.rank[labels >> 1], part))
    order = order[sizes[part[order]] > 1]
    inside = np.flatnonzero((part[a] == part[b]) & (sizes[part[a]] > 1))
    inside = inside[np.argsort(part[a[inside]], kind="stable")]
    row_parts = part[a[inside]]
    for members in np.split(order, group_starts(part[order])[1:]) if len(order) else []:
        rows = inside[
            np.searchsorted(row_parts, part[members[0]]) : np.searchsorted(row_parts, part[members[0]], "right")
        ]
        weights = -apart * (activity[members] @ activity[members].T)
        place = {int(member): number for number, member in enumerate(members)}
        for row in rows.tolist():
            i, j = place[int(a[row])], place[int(b[row])]
            weights[i, j] += agreement[row] + apart * home_days[row]
            weights[j, i] = weights[i, j]
        for group in agglomerate(weights, least):
            for number in group[1:]:
                replaced[int(labels[members[number]])] = int(labels[members[group[0]]])
    return _relabelled(homes, replaced)


def _between(scene: Scene, homes: Homes) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (label, other label, summed agreement, summed home days) of labels whose devices met."""
    pairs = scene.pairs
    once = pairs.device < pairs.other
    a, b = homes.now[pairs.device[once]], homes.now[pairs.other[once]]
    differ = a != b
    key = np.minimum(a, b)[differ] << (DEVICE_BITS + 2) | np.maximum(a, b)[differ]
    order = np.argsort(key, kind="stable")
    starts = group_starts(key[order])
    keys = key[order][starts]
    agreement = sums_of(pairs.agreement[once][differ][order], starts)
    home_days = sums_of(pairs.home_days[once][differ][order], starts)
    speaks = agreement > round(SCALE * scene.parameters.merge_from)
    mask = (1 << (DEVICE_BITS + 2)) - 1
    return keys[speaks] >> (DEVICE_BITS + 2), keys[speaks] & mask, agreement[speaks], home_days[speaks]


def _activity(scene: Scene, homes: Homes, labels: Ints) -> tuple[Ints, Ints]:
    """Return how many devices of each label were seen at home hours, by day."""
    members = homes.members(labels)
    members = members[np.isin(homes.now[members], labels)]
    rows = scene.calm_rows(members)
    rows = rows[scene.calm.is_home_hours[rows]]
    first = int(scene.calm.day[rows].min()) if len(rows) else 0
    days = int(scene.calm.day[rows].max()) - first + 1 if len(rows) else 1
    seen = np.unique(scene.calm.device[rows] * days + scene.calm.day[rows] - first)
    activity = np.zeros((len(labels), days), np.int64)
    np.add.at(activity, (np.searchsorted(labels, homes.now[seen // days]), seen % days), 1)
    return labels, activity


def _relabelled(homes: Homes, replaced: dict[int, int]) -> Homes:
    if not replaced:
        return homes
    old = np.array(sorted(replaced), np.int64)
    new = np.array([replaced[label] for label in old.tolist()], np.int64)
    places = np.minimum(np.searchsorted(old, homes.now), len(old) - 1)
    now = np.where(old[places] == homes.now, new[places], homes.now)
    moves = {device: (replaced.get(label, label), day) for device, (label, day) in homes.moves.items()}
    return Homes(now, {device: move for device, move in moves.items() if move[0] != now[device]})


def sizes_bounded(scene: Scene, homes: Homes) -> tuple[Homes, Flags]:
    """Take households apart that are larger than any; returns also whose devices those were."""
    devices = scene.devices
    weight = np.where(devices.is_local, 3, np.where(devices.device_class == 0, 20, 10))
    sizes = np.bincount(homes.now, weight, 2 * len(devices) + 2)
    is_too_large = sizes[homes.now] > 10 * scene.parameters.max_household
    now = np.where(is_too_large, alone(np.arange(len(devices))), homes.now)
    return Homes(now, {device: move for device, move in homes.moves.items() if not is_too_large[device]}), is_too_large
