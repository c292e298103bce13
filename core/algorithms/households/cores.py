"""Cores of households: devices whose pairs leave no doubt, before anybody else is placed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.algorithms.households.agglomerate import agglomerate
from core.algorithms.households.labels import alone, named
from core.algorithms.households.parameters import SCALE
from core.algorithms.households.presences import Ints, group_starts
from core.algorithms.households.scene import Scene


@dataclass
class Cores:
    """The core label of each device."""

    label: Ints


def cores_of(scene: Scene, before: Cores | None, touched: Ints) -> Cores:
    """Cluster the graph of strong pairs, part by part; parts without a touched device are as before.

    Args:
        scene: as it is now.
        before: as of the last refresh; None: all are touched.
        touched: devices of which anything changed since.
    """
    count = len(scene.devices)
    parts = _parts(scene)
    label = alone(np.arange(count))
    is_near = _near(scene, touched) if before is not None else np.ones(count, np.bool_)
    order = np.lexsort((scene.devices.rank, parts))
    starts = group_starts(parts[order])
    for members in np.split(order, starts[1:]) if count else []:
        if len(members) < 2:
            continue
        if before is not None and not is_near[members].any():
            label[members] = before.label[members]
            continue
        for group in agglomerate(_weights(scene, members), 0):
            if len(group) > 1:
                label[members[group]] = named(members[group], scene.devices.rank)
    return Cores(label)


def _near(scene: Scene, touched: Ints) -> NDArray[np.bool_]:
    """Return the devices whose part may be another one: a touched device changes the weights of its pairs, these the
    best pair of the others, and that which of their pairs are strong."""
    pairs = scene.pairs
    weighed = np.union1d(touched, pairs.other[pairs.of(touched)])
    is_near = np.zeros(len(scene.devices), np.bool_)
    is_near[weighed] = True
    is_near[pairs.other[pairs.of(weighed)]] = True
    return is_near


def _parts(scene: Scene) -> Ints:
    """Return the connected part of each device, by pairs that are strong for both."""
    pairs, count, parameters = scene.pairs, len(scene.devices), scene.parameters
    best = np.zeros(count, np.int64)
    if len(pairs):
        starts = group_starts(pairs.device)
        best[pairs.device[starts]] = np.maximum.reduceat(pairs.weight, starts)
    share = parameters.core_share * np.maximum(best[pairs.device], best[pairs.other])
    kept = (pairs.weight >= SCALE * parameters.core_from) & (pairs.weight >= share)
    graph = coo_array((np.ones(int(kept.sum())), (pairs.device[kept], pairs.other[kept])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _weights(scene: Scene, members: Ints) -> NDArray[np.int64]:
    """Return the weights of all pairs of some devices: those that never met have been apart only."""
    pairs, parameters = scene.pairs, scene.parameters
    mask = pairs.home_mask[members]
    both = np.bitwise_count(mask[:, None, :] & mask[None, :, :]).sum(axis=2).astype(np.int64)
    weights = -round(SCALE * parameters.apart) * both
    inside = np.sort(members)
    place = np.argsort(members)
    rows = pairs.of(inside)
    at = np.minimum(np.searchsorted(inside, pairs.other[rows]), len(inside) - 1)
    rows, at = rows[inside[at] == pairs.other[rows]], at[inside[at] == pairs.other[rows]]
    weights[place[np.searchsorted(inside, pairs.device[rows])], place[at]] = pairs.weight[rows]
    return np.asarray(np.minimum(weights, round(SCALE * parameters.pair_limit)))
