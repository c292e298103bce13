"""The graph of the household artefacts, kept up with the feed. Nothing is read before somebody asks."""

import logging
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import duckdb

from core.paths import Paths
from serving.households import building, tables
from serving.households.feed import FeedTail, last_seq
from serving.households.graph import Graph, changed, delta_of
from serving.households.selection import Selection, select, written
from serving.households.versions import Versions

_log = logging.getLogger("mediathek")
SNAPSHOT_NODES = 20_000
_SNAPSHOT_BYTES = 4_100_000  # clients of Socket.IO take messages of up to 4 MiB unless told otherwise
_LEAP_SHARE = 0.3  # of the links: a rebuilt graph that differs by more is sent whole
_REBUILD_PAUSE_FACTOR = 30  # rebuilding takes at most this part of the time
_STEPS_REPEATED = 20_000
_STEPS_OF_THE_PAST = 5000
_STEPS_SEEN_AGAIN = 200
_CHANGES_KEPT = 20_000
_EVENTS_TOLD = 200
_CAUSES_TO_READ_AGAIN = ("takeover", "erase")
_STEPS_AT_ONCE = 100
_STEPS_APART = 8
_SIGHTINGS_TAKEN = 400  # of a step, the newest: more could not be seen, and would be told to everybody


class GraphSource:
    """Loads at the first ``refresh``; every further one takes up what is new. Safe to use from several threads.

    Artefacts are read again after ``rebuild_seconds`` at the earliest; 0: whenever they have changed.
    """

    def __init__(self, paths: Paths, now: Callable[[], datetime], rebuild_seconds: float = 5.0) -> None:
        self._paths = paths
        self._rebuild_seconds = rebuild_seconds
        self.epoch = secrets.token_hex(4)
        """Another one in every process: numbers of one do not count in another."""
        self.versions = Versions(int(now().timestamp() * 1_000_000))  # above all numbers of earlier processes
        self.graph = Graph()
        self.changes: defaultdict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=100))
        self._feed = FeedTail(paths.household_feed)
        self._steps: deque[building.Step] = deque(maxlen=_STEPS_REPEATED)
        self._signature: tables.Signature | None = None
        self._rebuild_at = 0.0
        self._snapshot: tuple[int, bytes] | None = None
        self._lock = threading.RLock()

    def refresh(self) -> None:
        """Take up new artefacts (not too often) and new steps of the feed (at once)."""
        with self._lock:
            self._rebuild_where_needed()
            self._take_steps()

    @contextmanager
    def reading(self) -> Iterator[Graph]:
        """The graph as it is now; nobody changes it meanwhile."""
        with self._lock:
            yield self.graph

    def selected(self, selection: Selection) -> dict[str, Any]:
        """Return a part of the graph as it is now."""
        with self._lock:
            return {"seq": self.versions.seq, "epoch": self.epoch, **select(self.graph, selection)}

    def snapshot(self) -> tuple[int, bytes]:
        """Return a snapshot, written out, and its number; not the newest, if the deltas after it are kept."""
        with self._lock:
            if self._snapshot is None or self.versions.after(self._snapshot[0]) is None:
                self._snapshot = (self.versions.seq, self._written())
            return self._snapshot

    def _written(self) -> bytes:
        limit = SNAPSHOT_NODES
        while True:
            selected = self.selected(Selection(limit=limit))
            body = written(selected)
            if len(body) <= _SNAPSHOT_BYTES:
                return body
            limit = int(0.95 * len(selected["nodes"]) * _SNAPSHOT_BYTES / len(body))

    def _rebuild_where_needed(self) -> None:
        found = tables.signature(self._paths)
        if found == self._signature or time.monotonic() < self._rebuild_at:
            return
        began = time.monotonic()
        try:
            self._rebuild(tables.read(self._paths))
            self._signature = found
        except (duckdb.Error, OSError, ValueError) as error:
            _log.warning("households: an artefact cannot be read, going on with what is known: %s", error)
        ended = time.monotonic()
        pause = max(self._rebuild_seconds, _REBUILD_PAUSE_FACTOR * (ended - began)) if self._rebuild_seconds else 0.0
        self._rebuild_at = ended + pause

    def _rebuild(self, read: tables.Tables) -> None:
        """Build anew and tell what differs; steps that the artefacts do not hold yet are taken up again."""
        is_first = self._signature is None
        past = self._begin_feed(read.feed_seq) if is_first else []
        self._take_steps()  # the live consumer writes its step first: all that the artefacts hold is told by now
        graph = building.build(read)
        for step in past:
            building.apply(graph, {"sightings": step.get("sightings", [])[-_SIGHTINGS_TAKEN:]})
        building.carry_over(self.graph, graph)
        while self._steps and (read.feed_seq is None or self._steps[0]["seq"] <= read.feed_seq):
            self._steps.popleft()
        for step in self._steps:
            building.apply(graph, step)
        self._name_contents(graph, {id_ for id_, node in graph.nodes.items() if node["kind"] == "content"})
        graph.take_touched()
        before, self.graph = self.graph, graph
        touched = changed(before, graph)
        gone = {name for name in touched.nodes - graph.nodes.keys() if _lived(before, name)}
        if gone:  # erased or aged out (PRV-3): nothing that is kept to be told names them
            self._forget(gone)
        if is_first or gone or len(touched.links) > _LEAP_SHARE * (len(graph.links) + 10):
            self.versions.leap()
        elif touched:
            self.versions.add(delta_of(graph, touched))

    def _forget(self, devices: set[str]) -> None:
        self._snapshot = None
        for told in self.changes.values():
            kept = [change for change in told if change.get("device_key") not in devices]
            told.clear()
            told.extend(kept)

    def _begin_feed(self, feed_seq: int | None) -> list[building.Step]:
        """Go on where the artefacts stop. Of the steps before, remember what changed; the newest are returned."""
        here = last_seq(self._paths.household_feed) if feed_seq is None else feed_seq
        tail = FeedTail(self._paths.household_feed, max(0, here - _STEPS_OF_THE_PAST))
        past: deque[building.Step] = deque(maxlen=_STEPS_SEEN_AGAIN)
        for step in tail.read(_STEPS_OF_THE_PAST):
            if step["seq"] <= here:
                self._remember(step)
                past.append(step)
        self._feed.seq = here
        return list(past)

    def _take_steps(self) -> None:
        """One version a step; where many wait, one for all of them."""
        while steps := self._feed.read(_STEPS_AT_ONCE):
            for group in [steps] if len(steps) > _STEPS_APART else [[step] for step in steps]:
                self._take(group)

    def _take(self, steps: list[building.Step]) -> None:
        for step in steps:
            self._steps.append({"seq": step["seq"], "changes": step.get("changes", [])})
            building.apply(self.graph, {**step, "sightings": step.get("sightings", [])[-_SIGHTINGS_TAKEN:]})
            self._remember(step)
            if step.get("cause") in _CAUSES_TO_READ_AGAIN:
                self._rebuild_at = 0.0
        touched = self.graph.take_touched()
        self._name_contents(self.graph, touched.nodes)
        touched.nodes |= self.graph.take_touched().nodes
        if touched:
            sightings = [sighting for step in steps for sighting in step.get("sightings", ())][-_EVENTS_TOLD:]
            told = {
                "feed_seq": steps[-1]["seq"],
                "at": steps[-1].get("at"),
                "changes": [change for step in steps for change in step.get("changes", ())],
                "events": [[device, at_ms, content] for at_ms, device, _, _, content in sightings],
                "event_count": sum(len(s.get("sightings", ())) + s.get("sightings_left_out", 0) for s in steps),
            }
            self.versions.add({**told, **delta_of(self.graph, touched)})

    def _remember(self, step: building.Step) -> None:
        for change in step.get("changes", ()):
            for household in {change["household_id"], change.get("other_household_id")} - {None}:
                self.changes[household].append(change)
        while len(self.changes) > _CHANGES_KEPT:
            del self.changes[next(iter(self.changes))]

    def _name_contents(self, graph: Graph, node_ids: set[str]) -> None:
        unnamed = [
            node_id
            for node_id in sorted(node_ids)
            if (node := graph.nodes.get(node_id)) and node["kind"] == "content" and "title" not in node
        ]
        try:
            known = tables.titles(self._paths.catalogue, unnamed)
        except (duckdb.Error, OSError):
            known = {}
        for node_id in unnamed:
            title, genre = known.get(node_id, (node_id, None))
            graph.put_node(node_id, "content", title=title, genre=genre)


def _lived(graph: Graph, name: str) -> bool:
    """Tell whether it is a device that had a household: others come and go with what the feed tells."""
    return graph.nodes[name]["kind"] == "device" and bool(graph.links_of(name, "lives"))
