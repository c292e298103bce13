"""From the scene to homes, layer upon layer; each layer is computed anew only where what it reads has changed.

The layers: cores of strong pairs, rounds of votes, joins of households that are one, bounds of size. A refresh ends in
the same homes as a clustering of everything at once, for every layer is a function of the ones before it.
"""

from dataclasses import dataclass, field

import numpy as np

from core.algorithms.households.cores import Cores, cores_of
from core.algorithms.households.labels import Homes, alone
from core.algorithms.households.merging import merged, sizes_bounded
from core.algorithms.households.presences import Flags, Ints
from core.algorithms.households.scene import Scene
from core.algorithms.households.votes import vote


@dataclass
class Clustering:
    """What the last refresh found, layer by layer."""

    cores: Cores
    rounds: list[Homes] = field(default_factory=list)
    homes: Homes = field(default_factory=lambda: Homes(np.empty(0, np.int64)))
    margin: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """By device, in 1/SCALE nats: by how much its home won in the last round."""
    is_taken_apart: Flags = field(default_factory=lambda: np.empty(0, np.bool_))
    """Devices of what was too large to be one household."""


def clustered(scene: Scene, before: Clustering | None, touched: Ints) -> Clustering:
    """Cluster a scene.

    Args:
        scene: as it is now.
        before: as of the last refresh; None: everything is clustered.
        touched: devices (sorted) of which anything in the scene has changed since.
    """
    count = len(scene.devices)
    everything = np.arange(count)
    old = None if before is None else _grown(before, count)
    cores = cores_of(scene, None if old is None else old.cores, touched)
    changed = everything if old is None else np.union1d(touched, np.flatnonzero(cores.label != old.cores.label))
    logins = (scene.pairs.device[scene.pairs.has_login], scene.pairs.other[scene.pairs.has_login])
    result = Clustering(cores)
    homes, old_homes = Homes(cores.label), None if old is None else Homes(old.cores.label)
    margin = np.zeros(count, np.int64) if old is None else old.margin.copy()
    for number in range(scene.parameters.rounds):
        asked = everything if old_homes is None else _concerned(scene, homes, old_homes, changed)
        votes = vote(scene, homes, cores.label, logins, asked)
        old_homes = None if old is None else old.rounds[number]
        homes = _with(votes.devices, votes.label, votes.moves, count, old_homes)
        margin[votes.devices] = votes.margin
        result.rounds.append(homes)
        if old_homes is not None:
            changed = np.union1d(changed, homes.differing(old_homes))
    result.homes, result.is_taken_apart = sizes_bounded(scene, merged(scene, homes))
    result.margin = margin
    return result


def _concerned(scene: Scene, homes: Homes, old_homes: Homes, changed: Ints) -> Ints:
    """Return the devices whose vote may come out differently: all that may choose a label of a changed device."""
    labels = np.union1d(homes.labels_of(changed), old_homes.labels_of(changed))
    members = np.union1d(np.union1d(homes.members(labels), old_homes.members(labels)), changed)
    return np.union1d(members, scene.pairs.other[scene.pairs.of(members)])


def _with(devices: Ints, labels: Ints, moves: dict[int, tuple[int, int]], count: int, old: Homes | None) -> Homes:
    if old is None:
        now = alone(np.arange(count))
        kept: dict[int, tuple[int, int]] = {}
    else:
        now = old.now.copy()
        asked = set(devices.tolist())
        kept = {device: move for device, move in old.moves.items() if device not in asked}
    now[devices] = labels
    return Homes(now, kept | moves)


def _grown(before: Clustering, count: int) -> Clustering:
    """Return the last clustering with room for devices that came since."""
    known = len(before.cores.label)
    label = np.append(before.cores.label, alone(np.arange(known, count)))
    margin = np.append(before.margin, np.zeros(count - known, np.int64))
    return Clustering(Cores(label), [homes.grown(count) for homes in before.rounds], before.homes.grown(count), margin)
