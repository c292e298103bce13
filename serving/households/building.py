"""A graph from the artefacts, and how a step of the feed changes it."""

from datetime import datetime
from typing import Any

from serving.households.graph import Graph
from serving.households.tables import CONTENTS_A_DEVICE, Tables

Step = dict[str, Any]
_MOVES = ("new", "join", "split", "merge", "revert")


def build(tables: Tables) -> Graph:
    """Build the whole graph; a tenth of a second for 10,000 nodes."""
    graph = Graph()
    for device, household, from_ms, until_ms, confidence, reason, is_separable in reversed(tables.stays):
        _put_stay(graph, device, household, from_ms, until_ms, confidence, reason, is_separable)
    for device, device_class, content, count, last_ms in tables.views:
        if device in graph.nodes:
            graph.put_node(device, "device", device_class=device_class, last_ms=_latest(graph, device, last_ms))
            _put_view(graph, device, content, 1 - 1 / (1 + count), last_ms)
    for address, household, kind, from_ms, until_ms, _ in tables.leases:
        if household in graph.nodes:
            graph.put_node(address, "address", address_kind=kind)
            graph.put_link(address, household, "lease", 1.0, from_ms=from_ms, until_ms=until_ms)
    for device, host, day_count, first_ms, last_ms in tables.visits:
        if device in graph.nodes and host in graph.nodes:
            weight = round(min(1.0, day_count / 10), 3)
            graph.put_link(device, host, "visits", weight, days=day_count, from_ms=first_ms, last_ms=last_ms)
    for one, other, weight, days, first_ms, last_ms in tables.links:
        if one in graph.nodes and other in graph.nodes:
            graph.put_link(one, other, "linked", weight, days=days, from_ms=first_ms, last_ms=last_ms)
    graph.take_touched()
    return graph


def carry_over(before: Graph, graph: Graph) -> None:
    """Keep what only the feed has told so far: what devices that are still there were just seen doing, and where."""
    for device, node in before.nodes.items():
        if node["kind"] == "device" and device in graph.nodes:
            last_ms = _latest(graph, device, node.get("last_ms", 0)) or None
            graph.put_node(device, "device", device_class=node.get("device_class"), last_ms=last_ms)
    for (device, other, kind), link in before.links.items():
        if device not in graph.nodes:
            continue
        if kind == "viewed":
            _put_view(graph, device, other, link["weight"], link["last_ms"])
        elif kind == "seen":
            graph.put_node(other, "address")
            graph.put_link(device, other, kind, link["weight"], last_ms=link["last_ms"])


def apply(graph: Graph, step: Step) -> None:
    """Take up one step of the feed; a step taken up twice changes nothing."""
    for change in step.get("changes", ()):
        _apply_change(graph, change)
    for at_ms, device, address, device_class, content in step.get("sightings", ()):
        if device.endswith("-"):  # blanked: erased since
            continue
        _see(graph, at_ms, device, address, device_class, content)


def instant_ms(at: str | None) -> int | None:
    """RFC 3339 to epoch milliseconds."""
    return None if at is None else int(datetime.fromisoformat(at).timestamp() * 1000)


def _put_stay(
    graph: Graph, device: str, household: str, from_ms: int, until_ms: int | None, confidence: float | None,
    reason: str | None, is_separable: bool | None,
) -> None:  # fmt: skip
    """A device that comes back to a household has one link: from the first to the last time."""
    before = graph.links.get((device, household, "lives"))
    first_ms = from_ms if before is None else min(from_ms, before["from_ms"])
    graph.put_node(device, "device", household=household if until_ms is None else None)
    home = graph.nodes.get(household, {})
    if is_separable is not None:  # one device that may belong to two makes the household doubtful
        is_separable = is_separable and home.get("is_separable", True)
    first_of_all = min(first_ms, home.get("from_ms", first_ms))
    graph.put_node(household, "household", from_ms=first_of_all, is_separable=is_separable)
    graph.put_link(
        device, household, "lives", 0.0 if confidence is None else confidence,
        from_ms=first_ms, until_ms=until_ms, reason=reason,
    )  # fmt: skip


def _apply_change(graph: Graph, change: dict[str, Any]) -> None:
    device, household = change.get("device_key"), change["household_id"]
    if device is not None and device.endswith("-"):  # blanked: erased since
        return
    at_ms = instant_ms(change.get("at")) or 0
    if device is None:
        if change["change"] == "merge" and change.get("other_household_id"):
            for member in graph.members(change["other_household_id"]):
                if graph.home_of(member) == change["other_household_id"]:
                    _move(graph, member, household, at_ms, change.get("reason"))
    elif change["change"] == "leave":
        _end(graph, device, household, at_ms)
    elif change["change"] in _MOVES:
        _move(graph, device, household, at_ms, change.get("reason"))


def _move(graph: Graph, device: str, household: str, at_ms: int, reason: str | None) -> None:
    if graph.home_of(device) == household:
        return
    known = [graph.links[key]["weight"] for key in graph.links_of(device, "lives")]
    _put_stay(graph, device, household, at_ms, None, max(known, default=0.5), reason, None)
    for _, other, _ in graph.links_of(device, "lives"):
        if other != household:
            _end(graph, device, other, at_ms)


def _end(graph: Graph, device: str, household: str, at_ms: int) -> None:
    link = graph.links.get((device, household, "lives"))
    if link is not None and "until_ms" not in link:
        fields = {name: link[name] for name in ("from_ms", "reason") if name in link}
        graph.put_link(device, household, "lives", link["weight"], until_ms=max(at_ms, link["from_ms"]), **fields)
        if graph.nodes[device].get("household") == household:
            del graph.nodes[device]["household"]
            graph.touched.nodes.add(device)


def _see(
    graph: Graph, at_ms: int, device: str, address: str, device_class: str | None, content: str | None
) -> None:  # fmt: skip
    graph.put_node(device, "device", device_class=device_class, last_ms=_latest(graph, device, at_ms))
    former = graph.links_of(device, "seen")
    if not former or graph.links[former[0]]["last_ms"] <= at_ms:
        graph.put_node(address, "address")
        graph.put_link(device, address, "seen", 1.0, last_ms=at_ms)
        for key in former:
            if key[1] != address:
                graph.drop_link(key)
    if content is not None:
        before = graph.links.get((device, content, "viewed"), {}).get("weight", 0.0)
        _put_view(graph, device, content, 1 / (2 - before), at_ms)


def _put_view(graph: Graph, device: str, content: str, weight: float, last_ms: int) -> None:
    """After n views the weight is n / (n + 1). The newest few contents of a device are kept."""
    link = graph.links.get((device, content, "viewed"))
    last_ms = max(last_ms, link["last_ms"]) if link else last_ms
    graph.put_node(content, "content")
    graph.put_link(device, content, "viewed", round(weight, 3), last_ms=last_ms)
    viewed = graph.links_of(device, "viewed")
    if len(viewed) > CONTENTS_A_DEVICE:
        graph.drop_link(min(viewed, key=lambda key: (graph.links[key]["last_ms"], key)))


def _latest(graph: Graph, device: str, at_ms: int) -> int:
    known_ms: int = graph.nodes.get(device, {}).get("last_ms", 0)
    return max(at_ms, known_ms)
