"""LOG-4: what is refused of a topic is kept with topic, partition and offset, and can be taken in again from there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.settings import Settings
from ingestion.kafka import ingest_topic
from ingestion.quarantine import open_entries
from ingestion.retry import retry_topic
from tests.ingestion.test_kafka import lines, offsets

pytestmark = [pytest.mark.slow, pytest.mark.kafka]
View = Callable[..., dict[str, Any]]


def test_poison_messages_go_to_quarantine_with_topic_partition_and_offset_and_stop_nothing(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime
) -> None:
    """LOG-4, PRV-1."""
    topic = broker.new_topic(2, "poison", **{"max.message.bytes": "2000000"})
    mac = "3c:9a:77:10:20:31"
    poison: list[bytes | str | None] = [
        *lines(view, "good-0"),  # offset 0
        "no json, from " + mac,  # 1
        b"\xff\xfe\x00",  # 2
        None,  # 3, a tombstone says nothing
        "",  # 4
        "[1, 2]",  # 5
        *lines(view, "bad", device_class="fridge"),  # 6
        '{"event_id": "' + "x" * 1_100_000 + '"}',  # 7
        *lines(view, "good-1"),  # 8
    ]
    broker.send(topic, poison, 1, **{"message.max.bytes": 2_000_000})
    report = ingest_topic(settings, broker.bootstrap, topic, as_of)
    rows = {row["line"]: row for row in lake.quarantine()}
    assert set(lake.events()) == {"good-0", "good-1"}
    assert {offset: row["reason"] for offset, row in rows.items()} == {
        1: "not_json", 2: "not_json", 5: "mistyped_field", 6: "unknown_device_class", 7: "line_too_long",
    }  # fmt: skip
    assert {row["file"] for row in rows.values()} == {"kafka:poison/1"}
    assert mac not in rows[1]["raw"]
    assert "no json" in rows[1]["raw"]
    assert sum(report.events.quarantined.values()) == 5
    assert offsets(settings, topic) == {"1": 9}
    assert not ingest_topic(settings, broker.bootstrap, topic, as_of).has_changes


def test_a_topic_of_nothing_but_poison_is_read_once(
    broker: Any, settings: Settings, lake: Any, as_of: datetime
) -> None:
    topic = broker.new_topic()
    broker.send(topic, [b"\xff", b"\xfe"])
    assert ingest_topic(settings, broker.bootstrap, topic, as_of).events.quarantined == {"not_json": 2}
    assert offsets(settings, topic) == {"0": 2}
    assert not ingest_topic(settings, broker.bootstrap, topic, as_of).has_changes


def test_refused_messages_are_taken_in_after_a_fix_and_what_is_still_bad_stays(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime
) -> None:
    """LOG-4: an event from the future is none any more when the run's time has come."""
    topic = broker.new_topic()
    ahead = lines(view, "ahead", at="2026-05-02T14:00:00Z")
    broker.send(topic, [*lines(view, "e1"), *ahead, *lines(view, "bad", mac="nonsense")])
    ingest_topic(settings, broker.bootstrap, topic, as_of)
    assert lake.reasons() == ["bad_mac", "future_at"]

    result = retry_topic(settings, broker.bootstrap, topic, as_of + timedelta(hours=3))

    assert (result.tried, result.resolved, result.gone) == (2, 1, 0)
    assert result.still_refused == {"bad_mac": 1}
    assert set(lake.events()) == {"e1", "ahead"}
    assert lake.reasons() == ["bad_mac"]
    assert offsets(settings, topic) == {"0": 3}
    again = retry_topic(settings, broker.bootstrap, topic, as_of + timedelta(hours=3))
    assert (again.tried, again.resolved, again.batches) == (1, 0, [])


def test_refused_messages_that_are_not_there_any_more_stay_open(
    broker: Any, settings: Settings, view: View, as_of: datetime
) -> None:
    topic = broker.new_topic()
    broker.send(topic, ["noise", *lines(view, "bad", mac="nonsense")])
    ingest_topic(settings, broker.bootstrap, topic, as_of)
    broker.delete_topic(topic)
    broker.new_topic(name=topic)
    broker.send(topic, ["other noise", *lines(view, "other", mac="nonsense"), *lines(view, "bad")])
    ingest_topic(settings, broker.bootstrap, topic, as_of)
    # Old and new entries stand at the same offsets: what stands there now is only the new ones'.
    result = retry_topic(settings, broker.bootstrap, topic, as_of)
    assert (result.tried, result.gone, result.still_refused) == (4, 2, {"not_json": 1, "bad_mac": 1})
    assert len(open_entries(settings.paths)) == 4
