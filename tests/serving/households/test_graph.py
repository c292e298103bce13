"""The graph and its versions: what a client holds after a snapshot and all deltas is what the server has (HH-3, HH-4)."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from core.contracts.lake import EVENTS
from core.settings import Settings
from serving.households.describe import describe
from serving.households.selection import Selection, written
from serving.households.source import GraphSource
from serving.households.versions import Versions
from tests.serving.households import a_city
from tests.serving.households.a_city import MS, append, join, sighting, step

CLOCK = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def source(settings: Settings) -> GraphSource:
    a_city.write_city(settings.paths)
    return GraphSource(settings.paths, lambda: CLOCK, rebuild_seconds=0.0)


class Client:
    """Holds a graph as the page does."""

    def __init__(self, source: GraphSource) -> None:
        self.source = source
        self.load()

    def load(self) -> None:
        _, body = self.source.snapshot()
        snapshot = orjson.loads(body)
        self.seq = snapshot["seq"]
        self.nodes = {node["id"]: node for node in snapshot["nodes"]}
        self.links = {key_of(link): link for link in snapshot["links"]}

    def catch_up(self) -> int:
        versions = self.source.versions.after(self.seq)
        if versions is None:
            self.load()
            return -1
        for version in versions:
            self.apply(orjson.loads(version.body))
        return len(versions)

    def apply(self, delta: dict[str, Any]) -> None:
        assert delta["previous"] == self.seq
        self.nodes |= {node["id"]: node for node in delta["nodes"]}
        self.links |= {key_of(link): link for link in delta["links"]}
        for node_id in delta["removed"]["nodes"]:
            del self.nodes[node_id]
        for key in delta["removed"]["links"]:
            del self.links[tuple(key)]
        self.seq = delta["seq"]

    def agrees(self) -> bool:
        return self.nodes == self.source.graph.nodes and self.links == self.source.graph.links


def key_of(link: dict[str, Any]) -> tuple[str, str, str]:
    return link["source"], link["target"], link["kind"]


def test_the_graph_holds_households_devices_addresses_and_contents(source: GraphSource) -> None:
    """HH-3: the four kinds, and HH-4: visits and links between households."""
    source.refresh()
    assert source.graph.counts() == {"household": 3, "device": 6, "address": 2, "content": 2}
    kinds = {key[2] for key in source.graph.links}
    assert kinds == {"lives", "lease", "viewed", "visits", "linked"}
    assert source.graph.home_of("d_moved") == "hh-b"
    assert source.graph.nodes["film-1"]["title"] == "Title of film-1"


def test_a_step_moves_a_device_and_closes_where_it_was(settings: Settings, source: GraphSource) -> None:
    source.refresh()
    append(settings.paths, step(1, [join("phone", "c", "a")]))
    source.refresh()
    assert source.graph.home_of("d_phone") == "hh-c"
    assert source.graph.links["d_phone", "hh-a", "lives"]["until_ms"] == MS


def test_a_step_told_twice_changes_nothing(settings: Settings, source: GraphSource) -> None:
    source.refresh()
    append(settings.paths, step(1, [join("phone", "c", "a")]))
    source.refresh()
    seq = source.versions.seq
    append(settings.paths, step(1, [join("phone", "a", "c")]))
    source.refresh()
    assert source.versions.seq == seq


@pytest.mark.parametrize("seed", range(2))
def test_snapshot_and_deltas_add_up_whatever_happens(settings: Settings, source: GraphSource, seed: int) -> None:
    """HH-3: in order, none lost, none twice; artefacts written anew in between make no difference."""
    rng = random.Random(seed)
    source.refresh()
    client = Client(source)
    devices, households = list(a_city.CLASSES), "abcde"
    for seq in range(1, 30):
        changes = [join(rng.choice(devices), rng.choice(households)) for _ in range(rng.randrange(3))]
        seen = [
            sighting(rng.choice(devices), MS + seq * 1000, f"a_{rng.randrange(9)}", f"film-{rng.randrange(6)}")
            for _ in range(rng.randrange(2))
        ]
        append(settings.paths, step(seq, changes, seen))
        if rng.random() < 0.2:
            a_city.write_stays(settings.paths, a_city.STAYS[: rng.randrange(3, 8)], feed_seq=rng.randrange(seq + 1))
        source.refresh()
        if rng.random() < 0.5:
            client.catch_up()
    client.catch_up()
    assert client.agrees()


def test_a_rebuild_keeps_what_the_feed_told_since_the_artefacts_were_written(
    settings: Settings, source: GraphSource
) -> None:
    source.refresh()
    append(settings.paths, step(1, [join("phone", "b", "a")]), step(2, [join("radio", "b", "c")], [sighting("tv")]))
    source.refresh()
    a_city.write_stays(settings.paths, [*a_city.STAYS[:1], a_city.stay("phone", "b"), *a_city.STAYS[2:]], feed_seq=1)
    source.refresh()
    assert source.graph.home_of("d_phone") == source.graph.home_of("d_radio") == "hh-b"
    assert "a_new" in source.graph.nodes


def test_an_erased_device_is_gone_with_the_next_artefacts(settings: Settings, source: GraphSource) -> None:
    """PRV-3: also where only the feed had named it, which is blanked then."""
    source.refresh()
    client = Client(source)
    append(settings.paths, step(1, [join("tv", "b", "a")], [sighting("tv")]))
    source.refresh()
    a_city.write_stays(settings.paths, a_city.STAYS[1:], feed_seq=1)
    append(
        settings.paths,
        step(2, [{**join("x", "a"), "device_key": "d_------"}], [[MS, "d_------", "a_--", "tv", "film-1"]]),
    )
    assert source.changes["hh-b"]
    source.refresh()
    client.catch_up()
    assert client.agrees()
    assert "d_tv" not in client.nodes
    assert not source.changes["hh-b"], "nor does what is kept to be told name it"
    assert source.versions.after(client.seq - 1) is None
    assert not any(node.endswith("-") for node in client.nodes)


def test_an_erasure_is_not_waited_for(settings: Settings) -> None:
    """PRV-3: artefacts are read again seldom, but at once where the feed says that devices were forgotten."""
    a_city.write_city(settings.paths)
    source = GraphSource(settings.paths, lambda: CLOCK, rebuild_seconds=3600.0)
    source.refresh()
    a_city.write_stays(settings.paths, a_city.STAYS[1:], feed_seq=1)
    source.refresh()
    assert "d_tv" in source.graph.nodes
    append(settings.paths, step(1) | {"cause": "erase"})
    source.refresh()
    source.refresh()
    assert "d_tv" not in source.graph.nodes


def test_a_household_that_everybody_left_is_one_more_delta(settings: Settings, source: GraphSource) -> None:
    """Not a snapshot for everybody: only a device that is gone asks for one."""
    source.refresh()
    client = Client(source)
    append(settings.paths, step(1, [join("radio", "a", "c")]))
    source.refresh()
    a_city.write_stays(settings.paths, [*a_city.STAYS[:4], a_city.stay("radio", "a"), *a_city.STAYS[5:]], feed_seq=1)
    source.refresh()
    assert client.catch_up() == 2
    assert client.agrees()
    assert "hh-c" not in client.nodes


def test_many_steps_that_wait_become_one_version(settings: Settings, source: GraphSource) -> None:
    source.refresh()
    client, seq = Client(source), source.versions.seq
    append(settings.paths, *(step(number, [], [sighting("tv", MS + number)]) for number in range(1, 31)))
    source.refresh()
    assert source.versions.seq == seq + 1
    assert client.catch_up() == 1
    assert client.agrees()


@pytest.mark.parametrize("mark", [None, 0])
def test_batch_results_begin_at_the_end_of_an_old_feed(settings: Settings, mark: int | None) -> None:
    """A batch run holds no step of the feed, and is newer than those that an earlier live run has left."""
    a_city.write_city(settings.paths)
    append(settings.paths, step(1, [join("phone", "c", "a")]))
    a_city.write_stays(settings.paths, a_city.STAYS, feed_seq=mark)
    source = GraphSource(settings.paths, lambda: CLOCK)
    source.refresh()
    assert source.graph.home_of("d_phone") == "hh-a"


def test_a_start_takes_from_the_feed_what_devices_were_seen_doing(settings: Settings) -> None:
    """Where no warehouse is built yet: classes and contents; and no change that the artefacts hold is done again."""
    a_city.write_stays(settings.paths, a_city.STAYS, feed_seq=1)
    append(settings.paths, step(1, [join("phone", "c", "a")], [sighting("tv", content="film-9")]))
    source = GraphSource(settings.paths, lambda: CLOCK)
    source.refresh()
    assert source.graph.nodes["d_tv"]["device_class"] == "tv"
    assert "film-9" in source.graph.nodes
    assert source.graph.home_of("d_phone") == "hh-a"
    assert [change["device_key"] for change in source.changes["hh-c"]] == ["d_phone"]


def test_without_a_warehouse_the_lake_tells_what_devices_are(settings: Settings, source: GraphSource) -> None:
    """PRV-2: but nothing of an event without consent to personalisation."""
    settings.paths.export("fct_playbacks").unlink()
    viewed = {"device_class": "tv", "happened_at": a_city.END, "playback_id": "p"}
    events = [
        {"device_key": "d_tv", "content_id": "film-7", "has_personalisation_consent": True, **viewed},
        {"device_key": "d_phone", "content_id": "film-8", "has_personalisation_consent": False, **viewed},
    ]
    a_city.write(settings.paths, settings.paths.events / "hour=2026-04-30T10" / "1.parquet", events, EVENTS)
    source.refresh()
    assert source.graph.nodes["d_tv"]["device_class"] == "tv"
    assert "film-7" in source.graph.nodes
    assert "film-8" not in source.graph.nodes


def test_a_damaged_artefact_leaves_what_is_known(settings: Settings, source: GraphSource) -> None:
    source.refresh()
    settings.paths.household_links.write_bytes(b"no parquet")
    source.refresh()
    assert source.graph.counts()["household"] == 3


def test_without_artefacts_there_is_an_empty_graph(settings: Settings) -> None:
    source = GraphSource(settings.paths, lambda: CLOCK)
    source.refresh()
    assert orjson.loads(source.snapshot()[1])["nodes"] == []


def test_it_is_read_from_many_threads_while_it_changes(settings: Settings, source: GraphSource) -> None:
    """The stream refreshes while requests select and describe."""
    source.refresh()

    def ask(number: int) -> int:
        append(
            settings.paths,
            step(number, [join("phone", "abc"[number % 3])], [sighting("tv", MS + number, f"a_{number}")]),
        )
        source.refresh()
        assert describe(source, settings.paths, "hh-a") is not None
        return len(orjson.loads(written(source.selected(Selection())))["nodes"])

    with ThreadPoolExecutor(4) as pool:
        assert min(pool.map(ask, range(1, 21))) > 0


def test_versions_are_bounded_and_say_when_a_snapshot_must_do() -> None:
    versions = Versions(100, most_deltas=3)
    assert versions.after(100) == []
    for _ in range(5):
        versions.add({})
    assert [version.seq for version in versions.after(102) or ()] == [103, 104, 105]
    assert versions.after(101) is None, "the delta after it is no longer kept"
    assert versions.after(900) is None, "of another process"
    versions.leap()
    assert versions.after(105) is None
    assert versions.after(106) == []


def test_versions_are_bounded_by_their_size() -> None:
    versions = Versions(0, most_bytes=1000)
    for _ in range(5):
        versions.add({"nodes": ["x" * 400]})
    assert len(versions.after(3) or ()) == 2
    assert versions.after(2) is None
