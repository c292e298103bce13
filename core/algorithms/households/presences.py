"""Presences: one row a device and address, which is one day (PRV-1): from when until when it was seen there."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.algorithms.households.parameters import Parameters

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
DEVICE_BITS, BUCKET_BITS = 25, 10
DEVICE_MASK, BUCKET_MASK = (1 << DEVICE_BITS) - 1, (1 << BUCKET_BITS) - 1


@dataclass
class Presences:
    """Columns, sorted by address and then device. Buckets are of the day; hours are local."""

    address: Ints
    device: Ints
    day: Ints
    first: Ints
    last: Ints
    count: Ints
    is_home_hours: Flags
    is_work_hours: Flags
    is_night: Flags

    def __len__(self) -> int:
        return len(self.address)

    def take(self, which: Any) -> "Presences":
        """Return some rows, by index or mask."""
        return Presences(*(getattr(self, column.name)[which] for column in fields(self)))

    def of_addresses(self, addresses: Ints) -> Ints:
        """Return the rows (indices) of some addresses, in order."""
        return slices(np.searchsorted(self.address, addresses), np.searchsorted(self.address, addresses, "right"))


def presences_of(rows: Ints, day_of_address: Ints, parameters: Parameters) -> Presences:
    """Put packed sightings (``sightings.Sightings.rows``) together."""
    bucket = rows >> DEVICE_BITS & BUCKET_MASK
    key = (rows >> DEVICE_BITS + BUCKET_BITS) << DEVICE_BITS | rows & DEVICE_MASK
    order = np.argsort(key, kind="stable")  # rows are sorted by bucket within an address: they stay so
    key, bucket = key[order], bucket[order]
    starts = group_starts(key)
    ends = np.append(starts[1:], len(key))
    address = key >> DEVICE_BITS
    hour = bucket * (parameters.bucket_minutes / 60) + parameters.local_offset_hours
    weekday = (day_of_address[address] + (hour >= 24) + 3) % 7  # 1970-01-01 was a Thursday
    hour = hour % 24
    is_home = (hour >= parameters.evening_from_hour) | (hour < parameters.morning_until_hour) | (weekday >= 5)
    is_night = (hour >= parameters.night_from_hour) | (hour < parameters.night_until_hour)
    if not len(key):
        starts = ends = np.empty(0, np.int64)
    return Presences(
        address[starts], key[starts] & DEVICE_MASK, day_of_address[address[starts]], bucket[starts],
        bucket[ends - 1], ends - starts, any_of(is_home, starts), any_of(~is_home, starts), any_of(is_night, starts),
    )  # fmt: skip


def group_starts(sorted_keys: NDArray[Any]) -> Ints:
    """Return where each run of equal keys begins."""
    if not len(sorted_keys):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.append(True, sorted_keys[1:] != sorted_keys[:-1]))


def any_of(flags: Flags, starts: Ints) -> Flags:
    """Tell for each group whether any of its flags is set."""
    return np.logical_or.reduceat(flags, starts) if len(starts) else np.empty(0, np.bool_)


def sums_of(values: NDArray[Any], starts: Ints) -> NDArray[Any]:
    """Sum each group."""
    return np.add.reduceat(values, starts) if len(starts) else np.empty(0, values.dtype)


def slices(starts: Ints, ends: Ints) -> Ints:
    """Return all indices of the ranges, one range after the other."""
    lengths = ends - starts
    total = int(lengths.sum())
    if not total:
        return np.empty(0, np.int64)
    offsets = np.repeat(starts - np.append(0, np.cumsum(lengths)[:-1]), lengths)
    return np.asarray(np.arange(total) + offsets)


def is_in(values: Ints, some: Ints) -> Flags:
    """Like ``np.isin`` with sorted ``some``."""
    if not len(some):
        return np.zeros(len(values), np.bool_)
    places = np.minimum(np.searchsorted(some, values), len(some) - 1)
    return np.asarray(some[places] == values)


def same_lease(first_a: Ints, last_a: Ints, first_b: Ints, last_b: Ints, parameters: Parameters) -> NDArray[np.float64]:
    """Chance that two presences at one address and day are of one lease: 1 where they overlap, for a lease has one
    holder at a time; less with every hour between them, and less over the hours in which providers cut."""
    hours = parameters.bucket_minutes / 60
    begins, ends = np.minimum(last_a, last_b) * hours, np.maximum(first_a, first_b) * hours
    gap = ends - begins
    is_cut = (begins < parameters.cut_until_hour) & (ends > parameters.cut_from_hour)
    chance = np.exp(-parameters.gap_hazard * np.maximum(gap, 0)) * np.where(is_cut, parameters.night_survival, 1.0)
    return np.asarray(np.where(gap <= 0, 1.0, chance))


def pairs_within(addresses: Ints, largest: int, *, is_ordered: bool) -> tuple[Ints, Ints]:
    """Return all pairs of rows that share an address (sorted), for groups of at most ``largest`` rows."""
    starts = group_starts(addresses)
    sizes = np.diff(np.append(starts, len(addresses)))
    ones, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in range(2, largest + 1):
        chosen = starts[sizes == size]
        if len(chosen):
            one, other = np.nonzero(~np.eye(size, dtype=bool)) if is_ordered else np.triu_indices(size, 1)
            ones.append((chosen[:, None] + one).ravel())
            others.append((chosen[:, None] + other).ravel())
    return np.concatenate(ones), np.concatenate(others)
