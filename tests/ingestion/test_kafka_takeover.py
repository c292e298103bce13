"""LOG-2: consumers come and go, partitions are added, the broker dies and comes back; each message counts once.

Not Kafka's group protocol decides who reads a topic into a home, but the home's own lock and fencing token: the offsets
lie in the home's ledger with the data, so whoever may write there reads all partitions, and nobody else does.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core.paths import PROJECT_ROOT
from core.settings import Settings
from ingestion import ledger
from ingestion.kafka_topic import GROUP
from tests.ingestion.test_kafka import lines, offsets

pytestmark = [pytest.mark.slow, pytest.mark.kafka]
View = Callable[..., dict[str, Any]]


@pytest.fixture
def follow(broker: Any, settings: Settings, tmp_path: Path) -> Any:
    """Start ``mediathek ingest --kafka --follow``; killed at the end of a ``with``. Gives process and log."""
    numbers = count()

    @contextmanager
    def following(topic: str) -> Iterator[Any]:
        log = tmp_path / f"follow-{next(numbers)}.log"
        with log.open("w") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "mediathek", "ingest", "--kafka", broker.bootstrap, "--topic", topic, "--follow"],
                env={**os.environ, "MEDIATHEK_HOME": str(settings.home)}, stdout=err, stderr=err, cwd=PROJECT_ROOT,
            )  # fmt: skip
        try:
            yield process, log
        finally:
            process.kill()
            process.wait()

    return following


def until(is_so: Callable[[], bool], *processes: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert [process.poll() for process in processes] == [None] * len(processes)
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def taken(settings: Settings) -> int:
    entries = [ledger.entry_of(settings.paths, i + 1) for i in range(ledger.head(settings.paths))]
    return sum(entry.counts.get("events", {}).get("accepted", 0) for entry in entries if entry)


def told(broker: Any, topic: str) -> dict[int, int]:
    """What the broker knows of the group, for those who watch its lag."""
    from confluent_kafka import ConsumerGroupTopicPartitions
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP)])[GROUP].result(20)
    return {place.partition: place.offset for place in asked.topic_partitions if place.topic == topic}


def test_a_second_consumer_stands_by_and_takes_over_all_partitions_when_the_first_is_killed(
    broker: Any, settings: Settings, lake: Any, view: View, follow: Any
) -> None:
    topic = broker.new_topic(partitions=2)
    broker.send(topic, lines(view, "a0", "a1"), partition=0)
    with follow(topic) as (first, _):
        until(lambda: taken(settings) == 2, first)
        with follow(topic) as (second, log):
            until(lambda: f"standing by: ingest: process {first.pid} is" in log.read_text(), first, second)
            broker.send(topic, lines(view, "b0"), partition=1)
            until(lambda: taken(settings) == 3, first, second)
            broker.grow(topic, 3)
            first.kill()
            broker.send(topic, lines(view, "c0", "c1"), partition=2)
            broker.send(topic, lines(view, "a2"), partition=0)
            until(lambda: taken(settings) == 6, second)
            until(lambda: told(broker, topic) == {0: 3, 1: 1, 2: 2}, second)
    entries = [ledger.entry_of(settings.paths, i + 1) for i in range(ledger.head(settings.paths))]
    fences = [entry.fence for entry in entries if entry]
    assert fences == sorted(fences)
    assert len(set(fences)) == 2
    assert offsets(settings, topic) == {"0": 3, "1": 1, "2": 2}
    assert sum(entry.counts["events"]["repeated"] for entry in entries if entry) == 0
    assert set(lake.events()) == {"a0", "a1", "a2", "b0", "c0", "c1"}


def test_a_broker_that_is_killed_and_comes_back_is_waited_for_and_nothing_is_taken_twice(
    broker: Any, settings: Settings, lake: Any, view: View, follow: Any
) -> None:
    topic = broker.new_topic(partitions=2, **{"flush.messages": "1"})
    broker.send(topic, lines(view, "a0"))
    with follow(topic) as (consumer, _):
        until(lambda: taken(settings) == 1, consumer)
        broker.crash()
        time.sleep(1)  # it is looked for and not there
        assert consumer.poll() is None
        broker.start_again()
        broker.send(topic, lines(view, "b0", "b1"), partition=1)
        broker.send(topic, lines(view, "a1"), partition=0)
        until(lambda: taken(settings) == 4, consumer)
    assert offsets(settings, topic) == {"0": 2, "1": 2}
    assert set(lake.events()) == {"a0", "a1", "b0", "b1"}
