"""Addresses that prove nothing: too many devices, or devices that otherwise live in crowds (carrier NAT)."""

import numpy as np

from core.algorithms.households.parameters import CLASSES, Parameters
from core.algorithms.households.presences import Flags, Ints, Presences

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
    is_crowd = size > parameters.max_devices
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
    kind = np.where(sizes > parameters.max_devices, BUSY, np.where(is_shared, SHARED, CALM))
    return kind, is_dweller
