"""The graph in a process of its own: started when asked, started again when it died, ended with the server."""

import os
import signal
from collections.abc import Iterator

import orjson
import pytest

from core.settings import Settings
from serving.households.graph_client import GraphClient
from serving.households.selection import Selection
from tests.serving.households import a_city
from tests.serving.households.a_city import append, join, step

pytestmark = pytest.mark.slow


@pytest.fixture
def graph(settings: Settings) -> Iterator[GraphClient]:
    """Over artefacts that hold the first step of the feed."""
    a_city.write_city(settings.paths)
    append(settings.paths, step(1))
    a_city.write_stays(settings.paths, a_city.STAYS, feed_seq=1)
    client = GraphClient(settings.paths)
    yield client
    client.stop()


def test_it_tells_what_is_new_in_order_and_begins_anew_after_a_kill(settings: Settings, graph: GraphClient) -> None:
    graph.refresh()
    first, epoch = graph.versions.seq, graph.epoch
    append(settings.paths, step(2, [join("phone", "c", "a")]))
    graph.refresh()
    assert [version.seq for version in graph.versions.after(first) or ()] == [first + 1]
    process = graph._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    graph.refresh()
    assert graph.epoch != epoch
    assert graph.versions.after(first + 1) is None, "what another process numbered counts no more"
    homes = {
        link["source"]: link["target"]
        for link in orjson.loads(graph.snapshot()[1])["links"]
        if link["kind"] == "lives" and "until_ms" not in link
    }
    assert homes["d_phone"] == "hh-c"


def test_it_ends_with_its_client(graph: GraphClient) -> None:
    assert graph.selected(Selection(household="hh-a")) is not None
    assert graph.selected(Selection(household="hh-none")) is None
    assert graph.described("hh-none") is None
    process = graph._process
    graph.stop()
    assert process is not None
    assert process.returncode == 0
    assert not graph.is_started
