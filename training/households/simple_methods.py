"""The simple ways to find households, for comparison in the same run: what they cost and where they go wrong."""

from collections import defaultdict
from collections.abc import Iterable

MAX_DEVICES = 50
"""Addresses of a day with more devices than this give no pairs: they would be millions."""
Places = dict[str, set[str]]
"""Devices by address (which is a day's)."""


def same_address_ever(places: Places) -> dict[str, str]:
    """Join all that ever shared an address."""
    return _joined(places, ((min(devices), device) for devices in places.values() for device in devices))


def same_address_on_days(places: Places, days: int) -> dict[str, str]:
    """Join pairs that shared an address on so many days."""
    return _joined(places, (pair for pair, count in _together(places, 0).items() if count >= days))


def popularity_and_leiden(places: Places, seed: int = 1) -> dict[str, str]:
    """Weigh a shared address by one over its other devices, and cluster by Leiden with modularity (Traag 2019)."""
    import igraph
    import leidenalg

    weights = _together(places, 1)
    devices = sorted({device for inside in places.values() for device in inside})
    number = {device: place for place, device in enumerate(devices)}
    graph = igraph.Graph(len(devices), [(number[one], number[other]) for one, other in weights])
    graph.es["weight"] = list(weights.values())
    parts = leidenalg.find_partition(graph, leidenalg.ModularityVertexPartition, weights="weight", seed=seed)
    return {devices[member]: str(part) for part, members in enumerate(parts) for member in members}


def _together(places: Places, exponent: int) -> dict[tuple[str, str], float]:
    """Sum 1 / (devices - 1) ** exponent over the addresses of each pair."""
    weights: dict[tuple[str, str], float] = defaultdict(float)
    for devices in places.values():
        if 1 < len(devices) <= MAX_DEVICES:
            ordered = sorted(devices)
            weight = 1 / (len(devices) - 1) ** exponent
            for place, one in enumerate(ordered):
                for other in ordered[place + 1 :]:
                    weights[one, other] += weight
    return weights


def _joined(places: Places, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Union-find."""
    parent = {device: device for devices in places.values() for device in devices}

    def root(device: str) -> str:
        while parent[device] != device:
            parent[device] = parent[parent[device]]
            device = parent[device]
        return device

    for one, other in pairs:
        parent[root(other)] = root(one)
    return {device: root(device) for device in parent}
