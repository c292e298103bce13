"""What each pair of devices has in common: the weights of agreement and disagreement (Fellegi and Sunter 1969).

The log-likelihood ratio of living together against not, given how often two devices were seen in one lease, how often
both were seen and not together, and whether they share a login. A pair of strangers in one lease is as rare as homes
are many, so an agreement weighs more than a disagreement: members of a household are out now and then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.algorithms.households.parameters import SCALE, Parameters
from core.algorithms.households.presences import (
    DEVICE_BITS,
    DEVICE_MASK,
    Flags,
    Ints,
    Presences,
    any_of,
    group_starts,
    pairs_within,
    same_lease,
    slices,
    sums_of,
)


@dataclass
class Pairs:
    """Each pair twice, as (device, other) and (other, device), sorted; weights are integers of 1/SCALE nats."""

    device: Ints
    other: Ints
    home_days: Ints
    """Days on which they were surely in one lease at home hours."""
    work_days: Ints
    agreement: Ints
    """All that speaks for the pair, and what speaks against two televisions."""
    weight: Ints
    """``agreement`` less the days apart."""
    has_login: Flags
    home_mask: NDArray[np.uint64]
    """By device: the days (modulo 128) on which it was seen at home hours in calm places."""

    def __len__(self) -> int:
        return len(self.device)

    def of(self, devices: Ints) -> Ints:
        """Return the rows of some devices as the first of the pair."""
        return slices(np.searchsorted(self.device, devices), np.searchsorted(self.device, devices, "right"))


def pairs_of(calm: Presences, device_class: Ints, login_pairs: Ints, parameters: Parameters) -> Pairs:
    """Weigh all pairs that shared a calm address or a login; ``login_pairs`` is sorted, the smaller number first."""
    key, together, is_home, is_sure = _meetings(calm, parameters)
    starts = group_starts(key)
    keys = np.union1d(key[starts], login_pairs)
    places = np.searchsorted(keys, key[starts])

    def spread(values: Ints) -> Ints:
        all_values = np.zeros(len(keys), np.int64)
        all_values[places] = sums_of(values, starts)
        return all_values

    home, work = spread(together * is_home), spread(together * ~is_home)
    home_days, work_days = spread((is_home & is_sure).astype(np.int64)), spread((~is_home).astype(np.int64))
    has_login = np.zeros(len(keys), np.bool_)
    has_login[np.searchsorted(keys, login_pairs)] = True
    device, other = keys >> DEVICE_BITS, keys & DEVICE_MASK
    mask = home_masks(calm, len(device_class))
    both = np.bitwise_count(mask[device] & mask[other]).sum(axis=1).astype(np.int64)
    agreement = np.rint(
        parameters.together_home * home
        + parameters.together_work * work
        + SCALE * parameters.same_login * has_login
        - SCALE * parameters.two_televisions * (device_class[device] + device_class[other] == 0)
    ).astype(np.int64)
    weight = agreement - round(SCALE * parameters.apart) * np.maximum(both - home_days, 0)
    columns = (home_days, work_days, agreement, weight, has_login)
    order = np.lexsort((np.append(other, device), np.append(device, other)))
    twice = [np.append(column, column)[order] for column in (*columns,)]
    first, second = np.append(device, other)[order], np.append(other, device)[order]
    return Pairs(first, second, twice[0], twice[1], twice[2], twice[3], twice[4], mask)


def home_masks(calm: Presences, device_count: int) -> NDArray[np.uint64]:
    """Return for each device two words of days on which it was seen at home hours."""
    mask = np.zeros((device_count, 2), np.uint64)
    devices, days = calm.device[calm.is_home_hours], calm.day[calm.is_home_hours] % 128
    np.bitwise_or.at(mask, (devices, days // 64), np.left_shift(np.uint64(1), (days % 64).astype(np.uint64)))
    return mask


def _meetings(calm: Presences, parameters: Parameters) -> tuple[Ints, Ints, Flags, Flags]:
    """Return (pair, weight, whether at home hours, whether surely in one lease) of each pair's days, sorted by pair.

    A day says what its best meeting says: two that hand an address on to each other meet twice at every cut.
    """
    one, other = pairs_within(calm.address, parameters.max_family, is_ordered=False)
    chance = same_lease(calm.first[one], calm.last[one], calm.first[other], calm.last[other], parameters)
    size = np.bincount(calm.address)[calm.address[one]] if len(one) else np.empty(0, np.int64)
    shared = np.minimum(1.0, parameters.crowd_from / np.maximum(size, 1))
    weight = np.rint(SCALE * chance * shared).astype(np.int64)
    is_home = calm.is_home_hours[one] & calm.is_home_hours[other]
    a, b, day = calm.device[one], calm.device[other], calm.day[one]
    key = np.minimum(a, b) << DEVICE_BITS | np.maximum(a, b)
    order = np.lexsort((weight, is_home, day, key))
    key, day, weight, is_home = key[order], day[order], weight[order], is_home[order]
    is_last = np.ones(len(key), np.bool_)
    is_last[:-1] = (key[1:] != key[:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(np.append(True, is_last[:-1])) if len(key) else np.empty(0, np.int64)
    is_sure = any_of(chance[order] >= parameters.sure_chance, starts)
    return key[is_last], weight[is_last], is_home[is_last], is_sure
