"""Labels: which devices are taken to live together, before households have ids.

A label is twice the number of the device it is named after, plus one if it began with that device alone: stable while
devices come and go.
"""

from dataclasses import dataclass, field

import numpy as np

from core.algorithms.households.presences import DEVICE_BITS, Ints


def alone(devices: Ints) -> Ints:
    """Return the labels of devices that live on their own."""
    return np.asarray(2 * devices + 1)


def together(device: int) -> int:
    """Return the label of a household named after a device."""
    return 2 * device


@dataclass
class Homes:
    """The label of each device now, and the earlier ones of those that moved."""

    now: Ints
    moves: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By device that moved: (label before, first day at the label of now)."""

    def at(self, devices: Ints, days: Ints) -> Ints:
        """Return the labels on given days."""
        labels = self.now[devices]
        if self.moves:
            moved = np.array(sorted(self.moves), np.int64)
            places = np.minimum(np.searchsorted(moved, devices), len(moved) - 1)
            rows = np.flatnonzero(moved[places] == devices)
            before = np.array([self.moves[device] for device in moved.tolist()], np.int64)
            first_day, label = before[places[rows], 1], before[places[rows], 0]
            labels[rows] = np.where(days[rows] < first_day, label, labels[rows])
        return labels

    def members(self, labels: Ints) -> Ints:
        """Return the devices that have one of these labels (sorted), now or before."""
        inside = np.flatnonzero(np.isin(self.now, labels))
        known = set(labels.tolist())
        moved = [device for device, (before, _) in self.moves.items() if before in known]
        return np.union1d(inside, np.array(moved, np.int64))

    def labels_of(self, devices: Ints) -> Ints:
        """Return all labels of some devices, now and before."""
        before = [self.moves[device][0] for device in devices.tolist() if device in self.moves]
        return np.union1d(self.now[devices], np.array(before, np.int64))

    def grown(self, count: int) -> "Homes":
        """Return a copy for more devices; new ones live alone."""
        new = alone(np.arange(len(self.now), count))
        return Homes(np.append(self.now, new), dict(self.moves))

    def differing(self, other: "Homes") -> Ints:
        """Return the devices whose labels are not those of another."""
        moved = {d for d in self.moves.keys() | other.moves.keys() if self.moves.get(d) != other.moves.get(d)}
        return np.union1d(np.flatnonzero(self.now != other.now), np.array(sorted(moved), np.int64))


def named(devices: Ints, rank: Ints) -> int:
    """Return the label of devices that live together: named after the one of least rank."""
    return together(int(devices[np.argmin(rank[devices])]))


assert DEVICE_BITS < 30, "labels must fit 32 bits"
