"""The graph in memory: nodes and links as they are sent, and what was touched since somebody last asked.

A node lives as long as a link needs it. Times are epoch milliseconds, UTC, in fields that end in ``_ms``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]
Link = dict[str, Any]
LinkKey = tuple[str, str, str]
"""Source, target, kind: ``lives`` (device, household), ``viewed`` (device, content), ``seen`` (device, address),
``lease`` (address, household), ``visits`` (device, another household), ``linked`` (household, household)."""


@dataclass
class Touched:
    """Names of nodes and links that are other than before, or gone."""

    nodes: set[str] = field(default_factory=set)
    links: set[LinkKey] = field(default_factory=set)
    born: set[str | LinkKey] = field(default_factory=set)
    """Of these, what was not there before: when it goes again at once, nobody needs to know."""

    def appear(self, name: str | LinkKey) -> None:
        names: set[Any] = self.nodes if isinstance(name, str) else self.links
        if name not in names:
            self.born.add(name)
        names.add(name)

    def vanish(self, name: str | LinkKey) -> None:
        names: set[Any] = self.nodes if isinstance(name, str) else self.links
        if name in self.born:
            self.born.discard(name)
            names.discard(name)
        else:
            names.add(name)

    def __bool__(self) -> bool:
        return bool(self.nodes or self.links)


class Graph:
    """Nodes by id, links by ``LinkKey``, and who is linked with whom."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.links: dict[LinkKey, Link] = {}
        self.around: defaultdict[str, set[LinkKey]] = defaultdict(set)
        self.touched = Touched()

    def put_node(self, node_id: str, kind: str, **fields: Any) -> Node:
        """Add a node, or set fields of one that is there; a field of None is left as it is."""
        node = self.nodes.get(node_id)
        if node is None:
            node = self.nodes[node_id] = {"id": node_id, "kind": kind}
            self.touched.appear(node_id)
        for name, value in fields.items():
            if value is not None and node.get(name) != value:
                node[name] = value
                self.touched.nodes.add(node_id)
        return node

    def put_link(self, source: str, target: str, kind: str, weight: float, **fields: Any) -> Link:
        """Add a link between two nodes that are there, or replace its weight and fields (None takes a field away)."""
        key = (source, target, kind)
        wanted = {"source": source, "target": target, "kind": kind, "weight": weight}
        wanted |= {name: value for name, value in fields.items() if value is not None}
        if key not in self.links:
            self.touched.appear(key)
        if self.links.get(key) != wanted:
            self.links[key] = wanted
            self.around[source].add(key)
            self.around[target].add(key)
            self.touched.links.add(key)
        return wanted

    def drop_link(self, key: LinkKey) -> None:
        """Take a link away, and with it a node that no other link needs."""
        if self.links.pop(key, None) is None:
            return
        self.touched.vanish(key)
        for node_id in key[:2]:
            keys = self.around[node_id]
            keys.discard(key)
            if not keys:
                del self.around[node_id]
                self.nodes.pop(node_id, None)
                self.touched.vanish(node_id)

    def links_of(self, node_id: str, kind: str) -> list[LinkKey]:
        return [key for key in self.around.get(node_id, ()) if key[2] == kind]

    def home_of(self, device: str) -> str | None:
        """Return the household that a device lives in now."""
        homes = [key[1] for key in self.links_of(device, "lives") if "until_ms" not in self.links[key]]
        return homes[0] if homes else None

    def members(self, household: str) -> list[str]:
        """Return the devices that live in a household now, or did within the window."""
        return sorted(key[0] for key in self.links_of(household, "lives"))

    def take_touched(self) -> Touched:
        """Return what was touched since the last call."""
        taken, self.touched = self.touched, Touched()
        return taken

    def counts(self) -> dict[str, int]:
        """Return how many nodes there are of each kind."""
        return dict(Counter(node["kind"] for node in self.nodes.values()))


def changed(before: Graph, after: Graph) -> Touched:
    """What differs between two graphs."""
    return Touched(_differing(before.nodes, after.nodes), _differing(before.links, after.links))


def delta_of(graph: Graph, touched: Touched) -> dict[str, Any]:
    """Touched nodes and links as they are now, and the names of those that are gone."""
    gone = [key for key in touched.links if key not in graph.links]
    return {
        "nodes": _present(graph.nodes, touched.nodes),
        "links": _present(graph.links, touched.links),
        "removed": {
            "nodes": sorted(node_id for node_id in touched.nodes if node_id not in graph.nodes),
            "links": [list(key) for key in sorted(gone)],
        },
    }


def _present(values: dict[Any, Any], keys: Iterable[Any]) -> list[Any]:
    return [values[key] for key in sorted(keys) if key in values]


def _differing(before: dict[Any, Any], after: dict[Any, Any]) -> set[Any]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
