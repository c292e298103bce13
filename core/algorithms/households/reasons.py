"""Why each device is where it is, as a short code: alone, not-separable, moved, same-login, seen-together."""

from dataclasses import dataclass

import numpy as np

from core.algorithms.households import crowds
from core.algorithms.households.clustering import Clustering
from core.algorithms.households.presences import Flags
from core.algorithms.households.scene import Scene

SEPARABLE_TELEVISIONS, SEPARABLE_DEVICES = 1, 6
"""More televisions and more devices with a burnt-in MAC than that: two households may live behind one router."""


@dataclass
class Reasons:
    """By the number of a device."""

    code: list[str]
    is_separable: Flags


def reasons_of(scene: Scene, clustering: Clustering) -> Reasons:
    """Tell for all devices."""
    now, pairs, count = clustering.homes.now, scene.pairs, len(scene.devices)
    size = np.bincount(now, minlength=2 * count + 2)
    is_within = now[pairs.device] == now[pairs.other]
    has_met = np.zeros(count, np.bool_)
    has_met[pairs.device[is_within & (pairs.home_days + pairs.work_days > 0)]] = True
    has_login = np.zeros(count, np.bool_)
    has_login[pairs.device[is_within & pairs.has_login]] = True
    has_moved = np.zeros(count, np.bool_)
    has_moved[sorted(clustering.homes.moves)] = True
    is_alone = size[now] == 1
    is_lost = clustering.is_taken_apart | (is_alone & scene.is_dweller)
    codes = np.full(count, "seen-together", dtype="<U16")
    codes[has_login & ~has_met] = "same-login"
    codes[has_moved] = "moved"
    codes[is_alone] = "alone"
    codes[is_lost] = "not-separable"
    televisions = np.bincount(now, scene.devices.device_class == 0, 2 * count + 2)
    hardware = np.bincount(now, ~scene.devices.is_local, 2 * count + 2)
    is_double = (televisions[now] > SEPARABLE_TELEVISIONS) & (hardware[now] > SEPARABLE_DEVICES)
    return Reasons(codes.tolist(), ~(is_lost | is_double))


def crowd_counts(scene: Scene, clustering: Clustering) -> dict[str, int]:
    """Count what proves nothing, each by its rule: addresses are counted by the day."""
    return {
        "crowded_addresses": int((scene.crowd == crowds.BUSY).sum()),
        "shared_addresses": int((scene.crowd == crowds.SHARED).sum()),
        "devices_behind_shared_addresses": int(scene.is_dweller.sum()),
        "devices_of_households_taken_apart": int(clustering.is_taken_apart.sum()),
    }
