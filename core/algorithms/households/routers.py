"""Addresses of one router: who changes to and fro between two within minutes is behind both (IPv4 and IPv6)."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.algorithms.households.parameters import Parameters
from core.algorithms.households.presences import (
    BUCKET_BITS,
    BUCKET_MASK,
    DEVICE_BITS,
    DEVICE_MASK,
    Flags,
    Ints,
    Presences,
    any_of,
    group_starts,
    sums_of,
)

_MOST_AT_ONCE = 3


def routers_of(rows: Ints, days: Ints, is_calm: Flags, parameters: Parameters) -> Ints:
    """Return for each address (a day) the one that its router is named after: itself, unless it was seen to change.

    Args:
        rows: packed sightings.
        days: the day of each address.
        is_calm: whether an address is no crowd; others are nobody's router.
        parameters: how many minutes may lie between two sightings, and how large a home is at most.
    """
    address, device = rows >> (DEVICE_BITS + BUCKET_BITS), rows & DEVICE_MASK
    calm = np.flatnonzero(is_calm[address])
    address, device, bucket = address[calm], device[calm], (rows[calm] >> DEVICE_BITS) & BUCKET_MASK
    order = np.lexsort((address, bucket, days[address], device))
    address, device, bucket = address[order], device[order], bucket[order]
    low, high = _changes(address, device, bucket, days, parameters)
    count = len(days)
    pairs, times = np.unique(low * count + high, return_counts=True)
    pairs = pairs[times >= parameters.changes]
    one, other = pairs // count, pairs % count
    router = np.arange(count)
    if not len(one):
        return router
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(count, count))
    part = connected_components(graph, directed=False)[1]
    least = np.full(int(part.max()) + 1, count)
    np.minimum.at(least, part, router)
    joined = least[part]
    inside = np.unique(joined[address] << DEVICE_BITS | device)
    devices = np.bincount(inside >> DEVICE_BITS, minlength=count)
    return np.asarray(np.where(devices[joined] <= parameters.max_devices, joined, router))


def _changes(address: Ints, device: Ints, bucket: Ints, days: Ints, parameters: Parameters) -> tuple[Ints, Ints]:
    """Return the pairs of addresses that devices changed between, from rows by device, day and bucket.

    Within a bucket nobody knows the order: each address there is paired with each, and with each of the next bucket in
    which the device was seen. A device at more than three addresses within a bucket tells nothing.
    """
    stop = group_starts(((device << 24) + days[address]) * (1 << BUCKET_BITS) + bucket)
    sizes = np.diff(np.append(stop, len(address)))
    stops, crowded = np.repeat(np.arange(len(stop)), sizes), np.repeat(sizes > _MOST_AT_ONCE, sizes)
    lows, highs = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for ahead in range(1, 2 * _MOST_AT_ONCE):
        one, other = slice(None, -ahead), slice(ahead, None)
        is_change = (
            (device[other] == device[one])
            & (days[address[other]] == days[address[one]])
            & (address[other] != address[one])
            & (stops[other] - stops[one] <= 1)
            & (bucket[other] - bucket[one] <= parameters.change_minutes // parameters.bucket_minutes)
            & ~crowded[one]
            & ~crowded[other]
        )
        lows.append(np.minimum(address[one], address[other])[is_change])
        highs.append(np.maximum(address[one], address[other])[is_change])
    return np.concatenate(lows), np.concatenate(highs)


def by_router(presences: Presences, router: Ints) -> Presences:
    """Put presences at the addresses of one router together."""
    if not len(presences):
        return presences
    address = router[presences.address]
    order = np.lexsort((presences.device, address))
    seen = presences.take(order)
    address = address[order]
    starts = group_starts(address << DEVICE_BITS | seen.device)
    return Presences(
        address[starts], seen.device[starts], seen.day[starts], np.minimum.reduceat(seen.first, starts),
        np.maximum.reduceat(seen.last, starts), sums_of(seen.count, starts), any_of(seen.is_home_hours, starts),
        any_of(seen.is_work_hours, starts), any_of(seen.is_night, starts),
    )  # fmt: skip
