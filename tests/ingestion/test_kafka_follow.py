"""LOG-2: a topic that is followed for ever, while it grows, is made anew, or its broker falls silent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from core import clock
from core.settings import Settings
from ingestion import ledger
from ingestion.kafka import follow_topic, ingest_topic
from ingestion.kafka_topic import Topic
from ingestion.report import IngestReport
from tests.ingestion.test_kafka import lines

pytestmark = [pytest.mark.slow, pytest.mark.kafka]
View = Callable[..., dict[str, Any]]


@dataclass
class Following:
    """A run of ``follow_topic`` in a thread of its own, watched through the ledger as other processes do."""

    settings: Settings
    reports: list[IngestReport] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        entries = [ledger.entry_of(self.settings.paths, i + 1) for i in range(ledger.head(self.settings.paths))]
        return sum(entry.counts.get("events", {}).get("accepted", 0) for entry in entries if entry)

    def until(self, count: int, seconds: float = 90) -> None:
        """Wait until so many events are committed."""
        end = time.monotonic() + seconds
        while self.accepted < count:
            assert self.failures == []
            assert time.monotonic() < end, f"{self.accepted} of {count} events came"
            time.sleep(0.02)
        assert self.accepted == count


@pytest.fixture
def following(broker: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Follow a topic inside a ``with``; it is looked at every 0.2 s."""
    monkeypatch.setattr("ingestion.kafka.FOLLOW_LOOK_SECONDS", 0.2)

    @contextmanager
    def follow(topic: str) -> Iterator[Following]:
        stop, run = threading.Event(), Following(settings)

        def work() -> None:
            try:
                run.reports.append(follow_topic(settings, broker.bootstrap, topic, clock.now, stop.is_set))
            except BaseException as error:
                run.failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield run
        finally:
            stop.set()
            thread.join(30)
        assert run.failures == []

    return follow


def test_news_comes_in_and_silence_makes_no_commits(
    broker: Any, settings: Settings, lake: Any, view: View, following: Any
) -> None:
    topic = broker.new_topic()
    with following(topic) as run:
        broker.send(topic, lines(view, "e0", "e1"))
        run.until(2)
        head = ledger.head(settings.paths)
        time.sleep(1)  # five times as long as a commit takes to come
        assert ledger.head(settings.paths) == head
        broker.send(topic, lines(view, "e1", "e2"))
        run.until(3)
    assert run.reports[0].events.repeated == 1
    assert set(lake.events()) == {"e0", "e1", "e2"}
    assert ledger.load(settings.paths).topics[topic].offsets == {"0": 4}


def test_partitions_that_are_added_are_followed_too(
    broker: Any, settings: Settings, lake: Any, view: View, following: Any
) -> None:
    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0"))
    with following(topic) as run:
        run.until(1)
        broker.grow(topic, 3)
        broker.send(topic, lines(view, "e1", "e2"), partition=2)
        broker.send(topic, lines(view, "e3"), partition=0)
        run.until(4)
    assert run.reports[0].events.repeated == 0
    assert ledger.load(settings.paths).topics[topic].offsets == {"0": 2, "2": 2}


def test_a_topic_made_anew_while_followed_is_noticed_and_nothing_of_it_is_lost(
    broker: Any, settings: Settings, lake: Any, view: View, following: Any
) -> None:
    """Once it is longer than the old one when it is noticed, so that the old offset is a place in it; once shorter."""
    topic = broker.new_topic()
    broker.send(topic, lines(view, "a0", "a1", "a2"))
    with following(topic) as run:
        run.until(3)
        broker.delete_topic(topic)
        broker.new_topic(name=topic)
        broker.send(topic, lines(view, *(f"b{i}" for i in range(30))))
        run.until(33)
        broker.delete_topic(topic)
        time.sleep(0.6)  # it is looked for and not there
        broker.new_topic(name=topic)
        broker.send(topic, lines(view, "c0", "c1"))
        run.until(35)
    assert run.reports[0].notes == [f"topic {topic} was made anew; it is read from its start"] * 2
    assert len(lake.events()) == 35
    assert ledger.load(settings.paths).topics[topic].offsets == {"0": 2}


def test_a_broker_that_falls_silent_for_a_while_is_waited_for(
    broker: Any, settings: Settings, lake: Any, view: View, following: Any, as_of: Any
) -> None:
    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0"))
    with following(topic) as run:
        run.until(1)
        with broker.silent():
            time.sleep(1)
        broker.send(topic, lines(view, "e1"))
        run.until(2)
    assert not ingest_topic(settings, broker.bootstrap, topic, as_of).has_changes


def test_a_place_that_retention_takes_while_it_is_followed_is_not_waited_at_for_ever(broker: Any, view: View) -> None:
    from confluent_kafka import TopicPartition

    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0", "e1", "e2", "e3", "e4"))
    broker.delete_before(topic, 3)
    with Topic(broker.bootstrap, topic, follow=True) as opened:
        opened.assign({})
        opened._consumer.assign([TopicPartition(topic, 0, 1)])  # as if it had stood there when they were deleted
        end = time.monotonic() + 90
        while not opened.has_changed():
            assert list(opened.messages()) == []
            assert time.monotonic() < end, "nothing was noticed"
        opened.reopen()
        assert opened.assign({"0": 1}) == [f"{topic}/0: 2 messages were deleted before they were read"]
        found: list[int] = []
        while len(found) < 2:
            assert time.monotonic() < end, f"only {found} came"
            found += [message.offset() for message in opened.messages()]
    assert found == [3, 4]
