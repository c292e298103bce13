"""A part of the graph: by household, device class, time, strength and number of nodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from serving.households.graph import Graph, Link, LinkKey, Node

_ORDER = {"household": 0, "device": 0, "content": 1, "address": 2}
MOST_NODES = 50_000
_ROWS_A_PIECE = 500


@dataclass(frozen=True)
class Selection:
    """None takes all. Times are epoch milliseconds: what was so at any time from ``from_ms`` to ``until_ms``."""

    household: str | None = None
    device_class: str | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    min_weight: float = 0.0
    limit: int = 10_000


def select(graph: Graph, selection: Selection) -> dict[str, Any]:
    """Return nodes and links, how many nodes there are of each kind in all, and whether some were left out.

    Households come first, with their devices; then contents and addresses, as far as ``limit`` goes.
    """
    links = {key: link for key, link in _candidates(graph, selection) if _is_wanted(graph, key, link, selection)}
    needed = {node_id for key in links for node_id in key[:2]}
    if selection.household is not None and selection.household in graph.nodes:
        needed.add(selection.household)
    chosen = sorted((graph.nodes[node_id] for node_id in needed), key=_rank)
    kept = {node["id"] for node in chosen[: selection.limit]}
    return {
        "nodes": chosen[: selection.limit],
        "links": [link for key, link in sorted(links.items()) if key[0] in kept and key[1] in kept],
        "counts": graph.counts(),
        "is_complete": len(chosen) <= selection.limit,
    }


def written(selected: dict[str, Any]) -> bytes:
    """As JSON, in pieces: whoever waits for the interpreter (a request) gets it between two of them."""
    rest = {name: value for name, value in selected.items() if name not in ("nodes", "links")}
    nodes, links = (b",".join(_pieces(selected[name])) for name in ("nodes", "links"))
    return orjson.dumps(rest)[:-1] + b',"nodes":[' + nodes + b'],"links":[' + links + b"]}"


def _pieces(rows: list[dict[str, Any]]) -> Iterator[bytes]:
    for first in range(0, len(rows), _ROWS_A_PIECE):
        yield orjson.dumps(rows[first : first + _ROWS_A_PIECE])[1:-1]


def _candidates(graph: Graph, selection: Selection) -> Iterator[tuple[LinkKey, Link]]:
    if selection.household is None:
        yield from graph.links.items()
        return
    near = {selection.household, *graph.members(selection.household)}
    for key in {key for node_id in near for key in graph.around.get(node_id, ())}:
        yield key, graph.links[key]


def _is_wanted(graph: Graph, key: LinkKey, link: Link, selection: Selection) -> bool:
    if link["weight"] < selection.min_weight:
        return False
    first_ms = link.get("from_ms", link.get("last_ms"))
    last_ms = link.get("until_ms", link.get("last_ms"))
    if selection.until_ms is not None and first_ms is not None and first_ms >= selection.until_ms:
        return False
    if selection.from_ms is not None and last_ms is not None and last_ms < selection.from_ms:
        return False
    if selection.device_class is None:
        return True
    devices = [graph.nodes[node_id] for node_id in key[:2] if graph.nodes[node_id]["kind"] == "device"]
    if devices:
        return devices[0].get("device_class") == selection.device_class
    return any(_has_class(graph, node_id, selection.device_class) for node_id in key[:2])


def _has_class(graph: Graph, household: str, device_class: str) -> bool:
    devices = (graph.nodes[device] for device in graph.members(household))
    return any(device.get("device_class") == device_class for device in devices)


def _rank(node: Node) -> tuple[int, str, str]:
    """A household stands right before its devices, so that a limit cuts between households."""
    if node["kind"] in ("household", "device"):
        home = node["id"] if node["kind"] == "household" else node.get("household", "~")
        return 0, home, "" if node["kind"] == "household" else node["id"]
    return _ORDER[node["kind"]], node["id"], ""
