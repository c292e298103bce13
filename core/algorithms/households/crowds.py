"""Addresses that prove nothing: too many devices, or devices that otherwise live in crowds (carrier NAT)."""

import numpy as np

from core.algorithms.households.parameters import CLASSES, Parameters
from core.algorithms.households.presences import DEVICE_BITS, Flags, Ints, Presences, pairs_within

CALM, BUSY, SHARED = 0, 1, 2
_SMARTPHONE = CLASSES.index("smartphone")


def crowds_of(
    presences: Presences, device_class: Ints, address_count: int, parameters: Parameters
) -> tuple[Ints, Flags]:
    """Return the kind of each address (a day), and which devices live behind a shared address.

    The more households an address serves, the less it says (Drawbridge challenge 2015: *privateness*). By the number
    of devices alone, a carrier's NAT at four in the morning looks like a home; whose televisions and computers are
    otherwise seen in crowds shows what it is.
    """
    sizes = np.bincount(presences.address, minlength=address_count)
    size = sizes[presences.address]
    is_family = _families(presences, sizes, parameters)
    is_crowd = (size > parameters.max_devices) & ~is_family[presences.address]
    is_phone = device_class[presences.device] == _SMARTPHONE
    counts = len(device_class)
    crowded = np.bincount(presences.device[is_crowd & presences.is_home_hours], minlength=counts)
    # a phone alone at an address may be at its carrier's, which gives some a prefix of their own
    is_quiet = ~is_crowd & presences.is_home_hours & ((size > 1) | ~is_phone)
    quiet = np.bincount(presences.device[is_quiet], minlength=counts)
    ratio = np.asarray(parameters.dweller_ratio)[device_class]
    is_dweller = (crowded >= parameters.dweller_days) & (crowded >= ratio * quiet)
    dwellers = np.bincount(presences.address[is_dweller[presences.device]], minlength=address_count)
    is_shared = (sizes > 1) & (dwellers > 0) & (2 * dwellers >= sizes)
    kind = np.where((sizes > parameters.max_devices) & ~is_family, BUSY, np.where(is_shared, SHARED, CALM))
    return kind, is_dweller


def _families(presences: Presences, sizes: Ints, parameters: Parameters) -> Flags:
    """Tell which well-filled addresses are large families: at home hours, and the same devices day after day."""
    is_full = (sizes > parameters.max_devices) & (sizes <= parameters.max_family)
    seen = presences.take(is_full[presences.address] & presences.is_home_hours)
    if not len(seen):
        return is_full
    one, other = pairs_within(seen.address, parameters.max_family, is_ordered=True)
    met = np.unique(seen.device[one] << DEVICE_BITS | seen.device[other]) >> DEVICE_BITS
    width = int(seen.device.max()) + 1
    partners, days = np.bincount(met, minlength=width), np.bincount(seen.device, minlength=width)
    is_member = (partners <= parameters.max_partners) & (days >= parameters.dweller_days)
    members = np.bincount(seen.address[is_member[seen.device]], minlength=len(sizes))
    return np.asarray(is_full & (2 * members > sizes))
