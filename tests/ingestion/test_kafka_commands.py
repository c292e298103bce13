"""LOG-2 from the command line: real processes, their output, their exit codes, and what they leave behind."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest

import guard
from core.paths import Paths
from core.settings import Settings
from ingestion import ledger
from tests.ingestion.test_kafka import lines

pytestmark = [pytest.mark.slow, pytest.mark.kafka]
View = Callable[..., dict[str, Any]]
AS_OF = ("--as-of", "2026-05-02T12:00:00Z")


def started(home: Path, *arguments: str | Path, before: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    """``mediathek`` with arguments, run by the command ``before`` if there is one."""
    return subprocess.Popen(
        [*before, Path(get_path("scripts")) / "mediathek", *arguments],
        env={**os.environ, "MEDIATHEK_HOME": str(home), "MEDIATHEK_TOKEN": "t" * 32},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def start(settings: Settings) -> Any:
    """Start ``mediathek`` with arguments, in the home of the test."""
    return partial(started, settings.paths.home)


@pytest.fixture(scope="module", autouse=True)
def without_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An ingestion from where no broker is; it waits for an answer while the other tests run."""
    home = tmp_path_factory.mktemp("without-broker")
    process = started(home, "ingest", "--kafka", "127.0.0.1:1", "--topic", "events", "--json", before=("timeout", "25"))
    yield process, Paths(home)
    ended(process)


def ended(process: "subprocess.Popen[str]", seconds: float = 120) -> tuple[int, str, str]:
    """Exit code, standard output and standard error; "" the second time."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, out, err


def is_running(pid: int) -> bool:
    """A zombie is not: it waits for init to collect it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until_committed(paths: Paths, batch_id: int, process: "subprocess.Popen[str]", seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while ledger.head(paths) < batch_id:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "nothing was committed"
        time.sleep(0.05)


def test_a_simulated_day_through_kafka_gives_what_the_simulator_says_it_sent(
    broker: Any, start: Any, lake: Any, tmp_path: Path
) -> None:
    """LOG-2, LOG-3, LOG-4: with all its late, repeated and broken records."""
    topic = broker.new_topic(partitions=4)
    to_topic = ("--kafka", broker.bootstrap, "--topic", topic)
    sent = start("simulate", *to_topic, "--out", tmp_path / "sim", *AS_OF, "--days", "1", "--households", "150",
                 "--seed", "5", "--hard", "--json")  # fmt: skip
    code, out, err = ended(sent)
    assert code == 0, err
    truth = json.loads(out)["events"]

    code, out, err = ended(start("ingest", *to_topic, *AS_OF, "--json"))

    assert code == 0, err
    told = json.loads(out)
    broken = {reason: count for reason, count in truth["broken"].items() if count}
    assert sum(broken.values()) > 0
    assert told["events"]["quarantined"] == broken
    assert (told["events"]["accepted"], told["events"]["repeated"]) == (truth["accepted"], truth["repeated"])
    assert set(told) >= {"events", "catalogue", "campaigns", "notes"}
    assert len(lake.events()) == truth["accepted"]
    code, out, err = ended(start("ingest", *to_topic, *AS_OF))
    assert (code, out, err) == (0, "nothing new\n", "")


def test_a_second_consumer_is_refused_and_the_first_ends_in_order(
    broker: Any, start: Any, settings: Settings, lake: Any, view: View
) -> None:
    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0"))
    to_topic = ("--kafka", broker.bootstrap, "--topic", topic)
    first = start("ingest", *to_topic, "--follow", "--json")
    try:
        until_committed(settings.paths, 1, first)
        code, out, err = ended(start("ingest", *to_topic, "--json"))
        assert (code, out) == (1, "")
        assert re.fullmatch(rf"mediathek: ingest: process {first.pid} is ingesting into \S+ already; .+\n", err)
        broker.send(topic, lines(view, "e1"))
        time.sleep(1)  # read, and not committed yet
        first.send_signal(signal.SIGTERM)
        code, out, err = ended(first)
    finally:
        first.kill()
    assert code == 0, err
    assert json.loads(out)["events"]["accepted"] == 2
    assert set(lake.events()) == {"e0", "e1"}


def test_serving_follows_a_topic_and_leaves_no_process_behind(
    broker: Any, start: Any, settings: Settings, lake: Any, view: View
) -> None:
    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0", "e1"))
    server = start("serve", "--port", "0", "--kafka", broker.bootstrap, "--topic", topic, "--json")
    try:
        assert "http://127.0.0.1:" in server.stdout.readline()
        until_committed(settings.paths, 1, server)
        below = guard.descendants(server.pid)
        assert any("--follow" in Path(f"/proc/{pid}/cmdline").read_text() for pid in below)
        server.send_signal(signal.SIGTERM)
        code, _, err = ended(server)
    finally:
        server.kill()
    assert code == 0, err
    assert "Traceback" not in err
    assert [pid for pid in below if is_running(pid)] == []
    assert set(lake.events()) == {"e0", "e1"}


def test_a_broker_that_is_not_there_is_told_in_one_line_within_bounded_time(without_broker: Any) -> None:
    process, paths = without_broker
    code, out, err = ended(process)
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r"mediathek: kafka: no broker answers at 127\.0\.0\.1:1 \(.+\); start it, or name another\n", err
    )
    assert ledger.head(paths) == 0
