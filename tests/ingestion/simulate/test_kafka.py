"""LOG-2, LOG-3: events to a topic. The broker here is librdkafka's own in-process one; `make kafka` brings a real one."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import StageError, UserError
from ingestion.simulate.kafka import EventTopic
from ingestion.simulate.run import Run
from ingestion.simulate.transport import Delivery

confluent_kafka = pytest.importorskip("confluent_kafka")


@pytest.fixture
def bootstrap() -> Iterator[str]:
    """A broker that lives as long as this producer does."""
    keeper = confluent_kafka.Producer({"test.mock.num.brokers": 1, "log_level": 0})
    broker = next(iter(keeper.list_topics(timeout=30).brokers.values()))
    yield f"{broker.host}:{broker.port}"
    keeper.flush(1)


def _read(bootstrap: str, topic: str, count: int) -> list[Any]:
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "test", "auto.offset.reset": "earliest", "log_level": 0}
    )
    consumer.subscribe([topic])
    messages: list[Any] = []
    while len(messages) < count:
        got = consumer.consume(count - len(messages), timeout=60)
        if not got:
            break
        messages.extend(message for message in got if message.error() is None)
    consumer.close()
    return messages


@pytest.mark.slow
def test_a_month_goes_to_the_topic_whole_keyed_by_device(small: Any, bootstrap: str) -> None:
    run = Run(small(households=20, days=1), None, EventTopic(bootstrap, "events"))
    report = run.write_month()
    messages = _read(bootstrap, "events", int(str(report.events["lines"])))
    assert len(messages) == report.events["lines"]
    macs: dict[bytes, set[str]] = {}
    for message in messages:
        try:
            event = json.loads(message.value())
        except ValueError:
            continue
        if not event["event_id"].startswith("broken-"):
            macs.setdefault(message.key(), set()).add(event["mac"].lower().translate(str.maketrans("", "", ":-.")))
    fixed = {f"device-{d.number}".encode() for d in run.simulation.town.devices if not d.is_randomised}
    assert fixed & set(macs)
    assert all(len(macs[key]) == 1 for key in fixed & set(macs))


@pytest.mark.slow
def test_old_events_are_stamped_by_the_clock_so_that_a_brokers_retention_does_not_take_them(bootstrap: str) -> None:
    began_ms = time.time() * 1000
    EventTopic(bootstrap, "events").send([Delivery(1_000, 1, "{}", "whole")])
    (message,) = _read(bootstrap, "events", 1)
    assert message.timestamp()[1] >= began_ms - 1000


@pytest.mark.slow
def test_a_message_that_the_broker_refuses_is_reported_with_its_reason(bootstrap: str) -> None:
    topic = EventTopic(bootstrap, "events")
    with pytest.raises(StageError, match=r"kafka: 1 of 2 events did not reach topic events at .*"):
        topic.send([Delivery(1, 1, "{}", "whole"), Delivery(2, 1, "x" * 2_000_000, "whole")])


@pytest.mark.slow
def test_a_broker_that_is_not_there_is_a_users_mistake_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.simulate.kafka._REACH_SECONDS", 0.5)
    with pytest.raises(UserError, match=r"kafka: no broker answers at 127.0.0.1:1 "):
        EventTopic("127.0.0.1:1", "events")
