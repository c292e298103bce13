"""What is seen at one time, put together from the sightings: who was where, which places are crowds, who met whom.

All of it is computed anew from the set of sightings; nothing in it remembers an order.
"""

from dataclasses import dataclass

import numpy as np

from core.algorithms.households import crowds
from core.algorithms.households.pairs import Pairs, pairs_of
from core.algorithms.households.parameters import Parameters
from core.algorithms.households.presences import Flags, Ints, Presences, presences_of, slices
from core.algorithms.households.routers import by_router, routers_of


@dataclass
class Devices:
    """Columns by the number of a device."""

    device_class: Ints
    """Index into ``parameters.CLASSES``."""
    is_local: Flags
    """Randomised MAC (locally administered)."""
    rank: Ints
    """From the device's key: breaks ties in the same way whatever order devices came in."""

    def __len__(self) -> int:
        return len(self.rank)


@dataclass
class Scene:
    """All that clustering reads."""

    parameters: Parameters
    devices: Devices
    presences: Presences
    crowd: Ints
    """``crowds.CALM``, ``BUSY`` or ``SHARED`` by the number of an address."""
    is_dweller: Flags
    """Devices that live behind a shared address."""
    router: Ints
    """By the number of an address: the address that its router is named after."""
    calm: Presences
    """Presences by router, at addresses that are no crowd."""
    calm_order: Ints
    """Rows of ``calm`` by device."""
    calm_starts: Ints
    """Where each device's rows begin in ``calm_order``; one more than there are devices."""
    pairs: Pairs

    def calm_rows(self, devices: Ints) -> Ints:
        """Return the rows of ``calm`` of some devices."""
        return self.calm_order[slices(self.calm_starts[devices], self.calm_starts[devices + 1])]


def scene_of(rows: Ints, days: Ints, devices: Devices, login_pairs: Ints, parameters: Parameters) -> Scene:
    """Put packed sightings together; ``login_pairs`` are packed as pairs are."""
    presences = presences_of(rows, days, parameters)
    crowd, is_dweller = crowds.crowds_of(presences, devices.device_class, len(days), parameters)
    router = routers_of(rows, days, crowd == crowds.CALM, parameters)
    calm = by_router(presences.take(crowd[presences.address] == crowds.CALM), router)
    order = np.argsort(calm.device, kind="stable")
    starts = np.searchsorted(calm.device[order], np.arange(len(devices) + 1))
    pairs = pairs_of(calm, devices.device_class, login_pairs, parameters)
    return Scene(parameters, devices, presences, crowd, is_dweller, router, calm, order, starts, pairs)
