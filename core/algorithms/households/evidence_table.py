"""Why each device is where it is, as counts for all of them at once: ``Households.why`` as a table (``EVIDENCE``)."""

import numpy as np
import pyarrow as pa

from core.algorithms.households.presences import Ints, group_starts, slices, sums_of
from core.algorithms.households.tables import Found, NameLabels
from core.contracts.households import EVIDENCE


def evidence(found: Found, name: NameLabels) -> pa.Table:
    """One row a device that was seen where few are: days and nights with its household, and whom it met most."""
    calm, homes = found.scene.calm, found.clustering.homes
    row, other = _met(calm.address, calm.device, homes.now[calm.device], homes.at(calm.device, calm.day))
    is_home = np.zeros(len(calm), np.bool_)
    is_home[row] = True
    devices = np.unique(calm.device)
    days = _distinct_days(calm.device, calm.day, devices)
    home_days = _distinct_days(calm.device[is_home], calm.day[is_home], devices)
    at_night = is_home & calm.is_night
    nights = _distinct_days(calm.device[at_night], calm.day[at_night], devices)
    addresses = np.bincount(np.searchsorted(devices, calm.device[is_home]), minlength=len(devices))
    best, best_days = _most_met(found, calm.device[row], other, calm.day[row], devices)
    keys = found.sightings.device_keys
    columns = [
        pa.array([keys[device] for device in devices.tolist()], pa.string()),
        pa.array(name(homes.now[devices]), pa.string()),
        *(pa.array(counts.astype(np.int32)) for counts in (home_days, nights, addresses, days - home_days)),
        pa.array([None if device < 0 else keys[device] for device in best.tolist()], pa.string()),
        pa.array(best_days.astype(np.int32)),
    ]
    return pa.Table.from_arrays(columns, schema=EVIDENCE).sort_by("device_key")


def _met(address: Ints, device: Ints, now: Ints, then: Ints) -> tuple[Ints, Ints]:
    """Rows, and for each of them another device that was there and lived that day where the row's device lives now."""
    order = np.lexsort((then, address))
    width = int(max(then.max(initial=0), now.max(initial=0))) + 2
    sorted_keys = address[order] * width + then[order]
    wanted = address * width + now
    begin, end = np.searchsorted(sorted_keys, wanted), np.searchsorted(sorted_keys, wanted, "right")
    row = np.repeat(np.arange(len(address)), end - begin)
    other = device[order[slices(begin, end)]]
    is_another = other != device[row]
    return row[is_another], other[is_another]


def _distinct_days(device: Ints, day: Ints, devices: Ints) -> Ints:
    pairs = np.unique(np.stack([device, day], axis=1), axis=0)
    return np.bincount(np.searchsorted(devices, pairs[:, 0]), minlength=len(devices))


def _most_met(found: Found, device: Ints, other: Ints, day: Ints, devices: Ints) -> tuple[Ints, Ints]:
    """The device met on most days (of several, the one with the least key) and on how many; -1 and 0: none."""
    best, best_days = np.full(len(devices), -1, np.int64), np.zeros(len(devices), np.int64)
    met = np.unique(np.stack([device, other, day], axis=1), axis=0)
    if not len(met):
        return best, best_days
    starts = group_starts(met[:, 0] << 32 | met[:, 1])
    one, two, days = met[starts, 0], met[starts, 1], sums_of(np.ones(len(met), np.int64), starts)
    keys = np.array(found.sightings.device_keys)
    order = np.lexsort((keys[two], -days, one))
    first = order[group_starts(one[order])]
    places = np.searchsorted(devices, one[first])
    best[places], best_days[places] = two[first], days[first]
    return best, best_days
