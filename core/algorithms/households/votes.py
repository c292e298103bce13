"""Where a device lives: each day it was seen in a lease speaks for the household that the lease belongs to.

One half-step of an expectation-maximisation in turns: whose a lease is follows from the devices seen in it (each but
the one that is asked), where a device lives follows from the leases. Days on which others of a household were seen at
home and the device was elsewhere speak against. A device that moved is told by the best single change in time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.algorithms.households.labels import Homes, alone
from core.algorithms.households.parameters import SCALE
from core.algorithms.households.presences import (
    Ints,
    Presences,
    group_starts,
    is_in,
    pairs_within,
    same_lease,
    sums_of,
)
from core.algorithms.households.scene import Scene

_LABEL_BITS = 27
_CHUNK = 4096
_IN_LEASE, _IN_LEASE_WORK = 0.3, 0.1
"""Less than this of a day's vote: the device was not with the household that day."""


@dataclass
class Votes:
    """What was found for some devices."""

    devices: Ints
    label: Ints
    moves: dict[int, tuple[int, int]]
    margin: Ints
    """By how much the label won, in 1/SCALE nats."""


@dataclass
class _Candidates:
    """Columns by (device, label) that shares leases or a login with it, sorted; days are columns of ``score``."""

    device: Ints
    label: Ints
    score: NDArray[np.int64]
    total: Ints
    first_day: int


def vote(scene: Scene, homes: Homes, cores: Ints, login_pairs: tuple[Ints, Ints], devices: Ints) -> Votes:
    """Place some devices (sorted), given where all devices live so far."""
    found = [
        _vote(scene, homes, cores, login_pairs, devices[start : start + _CHUNK])
        for start in range(0, len(devices), _CHUNK)
    ]
    moves = {device: move for votes in found for device, move in votes.moves.items()}
    labels, margins = [votes.label for votes in found], [votes.margin for votes in found]
    empty = np.empty(0, np.int64)
    return Votes(devices, np.concatenate([empty, *labels]), moves, np.concatenate([empty, *margins]))


def _vote(scene: Scene, homes: Homes, cores: Ints, login_pairs: tuple[Ints, Ints], devices: Ints) -> Votes:
    votes = Votes(devices, alone(devices), {}, np.full(len(devices), round(SCALE * scene.parameters.alone)))
    candidates = _candidates(scene, homes, login_pairs, devices)
    candidates = _allowed(scene, homes, cores, candidates)
    if len(candidates.device):
        _choose(scene, candidates, votes)
    return votes


def _candidates(scene: Scene, homes: Homes, login_pairs: tuple[Ints, Ints], devices: Ints) -> _Candidates:
    calm = scene.calm
    addresses = np.unique(calm.address[scene.calm_rows(devices)])
    here = calm.take(calm.of_addresses(addresses))
    is_asked = is_in(here.device, devices)
    row, label, day_vote = _lease_votes(scene, homes, here, is_asked)
    mine, theirs = login_pairs
    chosen = is_in(mine, devices)
    login_key = mine[chosen] << _LABEL_BITS | homes.now[theirs[chosen]]
    keys = np.union1d(here.device[row] << _LABEL_BITS | label, login_key)
    device, labels = keys >> _LABEL_BITS, keys & ((1 << _LABEL_BITS) - 1)
    first_day = int(here.day.min()) if len(here) else 0
    days = int(here.day.max()) - first_day + 1 if len(here) else 1
    score = np.zeros((len(keys), days), np.int64)
    places = np.searchsorted(keys, here.device[row] << _LABEL_BITS | label)
    np.maximum.at(score, (places, here.day[row] - first_day), day_vote)
    score -= _days_elsewhere(scene, homes, here, is_asked, device, labels, score, first_day)
    total = score.sum(axis=1)
    total[np.searchsorted(keys, np.unique(login_key))] += round(SCALE * scene.parameters.login_there)
    return _Candidates(device, labels, score, total, first_day)


@dataclass
class LeaseEvidence:
    """What others there say for whose lease a presence was in; columns by (row, label), but ``of_place`` by row."""

    row: Ints
    label: Ints
    says: NDArray[np.float64]
    """In nats, for the lease being the label's."""
    nearest: NDArray[np.float64]
    """Chance that the nearest device of the label was there in the same lease."""
    of_place: NDArray[np.float64]
    """In nats, for a public place."""


def lease_evidence(scene: Scene, homes: Homes, here: Presences, is_asked: NDArray[np.bool_]) -> LeaseEvidence:
    """Ask everybody else at the address: ``here`` are all presences of some addresses."""
    parameters, devices = scene.parameters, scene.devices
    one, other = pairs_within(here.address, parameters.max_family, is_ordered=True)
    one, other = one[is_asked[one]], other[is_asked[one]]
    chance = same_lease(here.first[one], here.last[one], here.first[other], here.last[other], parameters)
    labels = homes.at(here.device, here.day)
    owner = np.asarray(parameters.owner)[devices.device_class[here.device]]
    owner = np.where(devices.is_local[here.device], parameters.owner_local, 1.0) * owner
    public = np.asarray(parameters.public)[devices.device_class[here.device]]
    key = one << _LABEL_BITS | labels[other]
    order = np.argsort(key, kind="stable")
    starts = group_starts(key[order])
    row, label = key[order][starts] >> _LABEL_BITS, key[order][starts] & ((1 << _LABEL_BITS) - 1)
    says = sums_of(np.rint(SCALE * chance * owner[other]).astype(np.int64)[order], starts)
    says = says + np.where(labels[row] == label, np.rint(SCALE * parameters.own_share * owner[row]).astype(np.int64), 0)
    nearest = np.maximum.reduceat(chance[order], starts) if len(starts) else np.empty(0)
    of_place = np.bincount(one, np.rint(SCALE * chance * public[other]), len(here)) / SCALE
    of_place += np.where(here.is_home_hours, parameters.public_home, parameters.public_work)
    return LeaseEvidence(row, label, says / SCALE, nearest, of_place)


def _lease_votes(scene: Scene, homes: Homes, here: Presences, is_asked: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Return (row of ``here``, label, vote): how much a presence says that its device lives with the label."""
    parameters, found = scene.parameters, lease_evidence(scene, homes, here, is_asked)
    odds = np.exp(np.minimum(found.says, 30.0))
    others = np.exp(np.minimum(found.of_place, 30.0)) + 1.0 + np.bincount(found.row, odds, len(here))
    a_day = np.where(here.is_home_hours[found.row], parameters.at_home, parameters.at_work)
    a_day = np.where(here.is_night[found.row], parameters.at_night, a_day)
    value = np.rint(SCALE * a_day * found.nearest * odds / others[found.row]).astype(np.int64)
    return found.row, found.label, value


def _days_elsewhere(
    scene: Scene, homes: Homes, here: Presences, is_asked: NDArray[np.bool_], device: Ints, label: Ints,
    score: NDArray[np.int64], first_day: int,
) -> NDArray[np.int64]:  # fmt: skip
    """Return what speaks against living with a label: days elsewhere while others of it were at home."""
    parameters, days = scene.parameters, score.shape[1]
    known = np.unique(label)
    rows = scene.calm_rows(homes.members(known))
    theirs = scene.calm.take(rows[scene.calm.is_home_hours[rows]])
    their_label, their_day = homes.at(theirs.device, theirs.day), theirs.day - first_day
    counts = is_in(their_label, known) & (their_day >= 0) & (their_day < days)
    seen = np.zeros((len(known), days), np.int64)
    np.add.at(seen, (np.searchsorted(known, their_label[counts]), their_day[counts]), 1)
    seen = seen[np.searchsorted(known, label)]
    keys = device << _LABEL_BITS | label
    home = np.flatnonzero(is_asked & here.is_home_hours)
    own = here.device[home] << _LABEL_BITS | homes.at(here.device[home], here.day[home])
    counts = is_in(own, keys)
    np.subtract.at(seen, (np.searchsorted(keys, own[counts]), here.day[home][counts] - first_day), 1)
    asked = np.unique(device)
    at_home = np.zeros((len(asked), days), np.bool_)
    at_work = np.zeros((len(asked), days), np.bool_)
    for active, of_hours in ((at_home, home), (at_work, np.flatnonzero(is_asked & ~here.is_home_hours))):
        rows = of_hours[is_in(here.device[of_hours], asked)]
        active[np.searchsorted(asked, here.device[rows]), here.day[rows] - first_day] = True
    place, of_class = np.searchsorted(asked, device), scene.devices.device_class[device]
    is_seen = seen > 0
    away_home = np.rint(SCALE * np.asarray(parameters.away_home)).astype(np.int64)[of_class][:, None]
    away_work = np.rint(SCALE * np.asarray(parameters.away_work)).astype(np.int64)[of_class][:, None]
    against = np.where(at_home[place] & is_seen & (score < SCALE * _IN_LEASE), away_home, 0)
    only_work = at_work[place] & ~at_home[place] & is_seen & (score < SCALE * _IN_LEASE_WORK)
    return np.asarray(against + np.where(only_work, away_work, 0))


def _allowed(scene: Scene, homes: Homes, cores: Ints, candidates: _Candidates) -> _Candidates:
    """Leave out labels nobody else has, and of two that live alone, the one that would move to the other."""
    device, label = candidates.device, candidates.label
    sizes = np.bincount(homes.now, minlength=2 * len(cores) + 2)
    is_own = homes.now[device] == label
    named_after = label >> 1
    device_class, rank = scene.devices.device_class, scene.devices.rank
    is_higher = (device_class[named_after] < device_class[device]) | (
        (device_class[named_after] == device_class[device]) & (rank[named_after] < rank[device])
    )
    has_others = sizes[label] - is_own >= 1
    is_joined = (sizes[label] > 1) | ((sizes[homes.now[device]] == 1) & is_higher)
    kept = (label == cores[device]) | (has_others & is_joined)
    televisions = np.bincount(homes.now, device_class == 0, 2 * len(cores) + 2)
    has_other = (device_class[device] == 0) & (televisions[label] - is_own > 0)
    total = candidates.total - np.where(has_other, round(SCALE * scene.parameters.other_television), 0)
    return _Candidates(device[kept], label[kept], candidates.score[kept], total[kept], candidates.first_day)


def _choose(scene: Scene, candidates: _Candidates, votes: Votes) -> None:
    """Take the best label of each device, or of the days before and after a move."""
    parameters, rank = scene.parameters, scene.devices.rank
    order = np.lexsort((rank[candidates.label >> 1], candidates.device))  # ties by rank, not by arrival
    device, label = candidates.device[order], candidates.label[order]
    total, score = candidates.total[order], candidates.score[order]
    starts = group_starts(device)
    ends = np.append(starts[1:], len(device))
    before = np.concatenate([np.zeros((len(score), 1), np.int64), np.cumsum(score, axis=1)], axis=1)
    after = before[:, -1:] - before
    best_before = np.maximum(np.maximum.reduceat(before, starts, axis=0), 0)
    best_after = np.maximum(np.maximum.reduceat(after, starts, axis=0), 0)
    both = best_before + best_after
    changed_on = np.argmax(both, axis=1)
    alone_from, move = round(SCALE * parameters.alone), round(SCALE * parameters.move)
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        place = int(np.searchsorted(votes.devices, device[start]))
        best = start + int(np.argmax(total[start:end]))
        value = int(total[best])
        second = max([alone_from, *np.delete(total[start:end], best - start).tolist()])
        if value > alone_from:
            votes.label[place] = label[best]
        votes.margin[place] = abs(value - second) if value > alone_from else alone_from - value
        on = int(changed_on[number])
        gain = int(both[number, on]) - max(value, alone_from) - move
        if gain > 0:
            _move(scene, candidates, votes, place, on, gain, score[start:end], label[start:end])


def _move(
    scene: Scene, candidates: _Candidates, votes: Votes, place: int, on: int, gain: int, score: NDArray[np.int64],
    labels: Ints,
) -> None:  # fmt: skip
    """Note a move if it is one: from and to differ, and one of them is a household in which it was seen for days."""
    device = int(votes.devices[place])
    lone = 2 * device + 1
    before, after = score[:, :on].sum(axis=1), score[:, on:].sum(axis=1)
    earlier = int(labels[np.argmax(before)]) if before.max() > 0 else lone
    later = int(labels[np.argmax(after)]) if after.max() > 0 else lone
    if earlier == later or (lone in (earlier, later) and gain <= SCALE):
        return
    if later != lone and (score[np.argmax(after), on:] > 0).sum() < scene.parameters.move_days:
        return
    votes.label[place], votes.margin[place] = later, gain
    votes.moves[device] = (earlier, candidates.first_day + on)
