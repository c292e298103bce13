"""LOG-2 and "Keeping data" against a real broker: what a topic holds is in the lake exactly once, whatever happens."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import StageError, UserError
from core.paths import PROJECT_ROOT
from core.settings import Settings
from ingestion import ledger
from ingestion.kafka import ingest_topic
from ingestion.landing import ingest_source
from ingestion.simulate.kafka import EventTopic
from ingestion.simulate.transport import Delivery

pytestmark = [pytest.mark.slow, pytest.mark.kafka]
View = Callable[..., dict[str, Any]]


def lines(view: View, *event_ids: str, **fields: Any) -> list[str]:
    return [json.dumps(view(event_id, **fields)) for event_id in event_ids]


def offsets(settings: Settings, topic: str) -> dict[str, int]:
    return ledger.load(settings.paths).topics[topic].offsets


def test_what_the_simulator_writes_to_a_topic_is_taken_in_once_and_a_second_run_takes_nothing(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime
) -> None:
    topic = broker.new_topic(partitions=3)
    wanted = {f"e{i}" for i in range(300)}
    deliveries = [Delivery(1_000, i % 20, line, "whole") for i, line in enumerate(lines(view, *sorted(wanted)))]
    EventTopic(broker.bootstrap, topic).send([*deliveries, *deliveries[:40]])

    first = ingest_topic(settings, broker.bootstrap, topic, as_of)
    second = ingest_topic(settings, broker.bootstrap, topic, as_of)

    assert (first.events.accepted, first.events.repeated, first.batches) == (300, 40, [1])
    assert (second.events.accepted, second.events.repeated, second.batches) == (0, 0, [])
    assert set(lake.events()) == wanted
    assert sum(offsets(settings, topic).values()) == 340


def test_a_later_run_goes_on_where_the_last_ended_and_offsets_only_move_forward(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime
) -> None:
    topic, seen = broker.new_topic(partitions=2), []
    for number in range(4):
        broker.send(topic, lines(view, f"p0-{number}", "again"), partition=0)
        broker.send(topic, lines(view, f"p1-{number}"), partition=1) if number % 2 else None
        ingest_topic(settings, broker.bootstrap, topic, as_of)
        seen.append(offsets(settings, topic))
    assert seen == [{"0": 2}, {"0": 4, "1": 1}, {"0": 6, "1": 1}, {"0": 8, "1": 2}]
    assert set(lake.events()) == {"again", *(f"p0-{i}" for i in range(4)), "p1-1", "p1-3"}
    # Nothing was read twice: of 10 messages, all but the first "again" and six others are repeated ones.
    entries = [ledger.entry_of(settings.paths, number) for number in range(1, 5)]
    assert [entry.counts["events"]["repeated"] for entry in entries if entry] == [0, 1, 1, 1]


def test_a_topic_and_a_directory_with_the_same_lines_give_the_same_rows(
    broker: Any, settings: Settings, lake: Any, landing: Any, view: View, as_of: datetime
) -> None:
    texts = lines(view, *(f"e{i}" for i in range(50)))
    topic = broker.new_topic()
    broker.send(topic, texts)
    landing.put("events/a.jsonl", texts)
    ingest_topic(settings, broker.bootstrap, topic, as_of)
    from_topic = lake.events()
    report = ingest_source(settings, landing.root, as_of)
    assert (report.events.accepted, report.events.repeated) == (0, 50)
    assert lake.events() == from_topic


def test_a_topic_made_anew_is_named_and_read_from_its_start(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime
) -> None:
    topic = broker.new_topic()
    broker.send(topic, lines(view, "old-0", "old-1", "old-2"))
    ingest_topic(settings, broker.bootstrap, topic, as_of)
    broker.delete_topic(topic)
    broker.new_topic(name=topic)
    broker.send(topic, lines(view, "new-0", "old-1", "new-1", "new-2", "new-3"))

    report = ingest_topic(settings, broker.bootstrap, topic, as_of)

    assert report.notes == [f"topic {topic} was made anew; it is read from its start"]
    assert (report.events.accepted, report.events.repeated) == (4, 1)
    assert set(lake.events()) == {"old-0", "old-1", "old-2", "new-0", "new-1", "new-2", "new-3"}
    assert offsets(settings, topic) == {"0": 5}
    again = ingest_topic(settings, broker.bootstrap, topic, as_of)
    assert (again.has_changes, again.notes) == (False, [])


def test_messages_that_retention_took_before_they_were_read_are_counted_aloud(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime
) -> None:
    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0", "e1"))
    ingest_topic(settings, broker.bootstrap, topic, as_of)
    broker.send(topic, lines(view, "e2", "e3", "e4", "e5"))
    broker.delete_before(topic, 5)
    report = ingest_topic(settings, broker.bootstrap, topic, as_of)
    assert report.notes == [f"{topic}/0: 3 messages were deleted before they were read"]
    assert set(lake.events()) == {"e0", "e1", "e5"}


def test_a_topic_that_ends_before_what_was_read_of_it_is_an_error_and_no_silence(
    broker: Any, settings: Settings, view: View, as_of: datetime
) -> None:
    """A broker loses its newest messages with its disk only, so the ledger is set ahead instead."""
    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0"))
    ingest_topic(settings, broker.bootstrap, topic, as_of)
    entry = ledger.entry_of(settings.paths, 1)
    assert entry is not None
    entry.topics[topic].offsets["0"] = 7
    ledger.entry_file(settings.paths, 1).write_text(json.dumps(asdict(entry)))
    with pytest.raises(StageError, match=rf"^kafka: {topic}/0 ends at 1, but was read up to 7: it was cut"):
        ingest_topic(settings, broker.bootstrap, topic, as_of)


def test_a_transaction_that_was_taken_back_is_not_read_and_does_not_keep_the_run_waiting(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime
) -> None:
    topic = broker.new_topic()
    broker.send(topic, lines(view, "kept"))
    broker.send_in_transaction(topic, lines(view, "taken-back"), is_aborted=True)
    assert ingest_topic(settings, broker.bootstrap, topic, as_of).events.accepted == 1
    assert not ingest_topic(settings, broker.bootstrap, topic, as_of).has_changes
    assert set(lake.events()) == {"kept"}


def test_a_topic_that_is_not_there_and_a_name_that_is_none_are_users_mistakes(
    broker: Any, settings: Settings, as_of: datetime
) -> None:
    with pytest.raises(UserError, match=r"^topic: .* has no topic 'nowhere'"):
        ingest_topic(settings, broker.bootstrap, "nowhere", as_of)
    with pytest.raises(UserError, match=r"^topic: 'a b' is no name for a topic"):
        ingest_topic(settings, broker.bootstrap, "a b", as_of)
    assert ledger.head(settings.paths) == 0


def test_a_broker_that_does_not_answer_is_an_error_and_nothing_is_lost(
    broker: Any, settings: Settings, lake: Any, view: View, as_of: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.kafka_topic._TIMEOUT_SECONDS", 1.0)
    topic = broker.new_topic()
    broker.send(topic, lines(view, "e0"))
    with broker.silent(), pytest.raises(UserError, match=r"^kafka: no broker answers at 127\.0\.0\.1:\d+ "):
        ingest_topic(settings, broker.bootstrap, topic, as_of)
    assert ingest_topic(settings, broker.bootstrap, topic, as_of).events.accepted == 1
    assert set(lake.events()) == {"e0"}


def test_kills_at_any_moment_and_a_rerun_give_the_rows_of_an_undisturbed_run(
    broker: Any, view: View, tmp_path: Path
) -> None:
    """More than a megabyte in batches of one; killed in the middle, in recovery, and at each of the first disk changes."""
    topic = broker.new_topic(partitions=2)
    for partition in (0, 1):
        texts = [
            json.dumps(view(f"e{partition}-{i}", at=f"2026-05-01T{i % 3:02}:00:00Z", mac=f"3c9a7700{i:04x}"))
            for i in range(1500)
        ]
        broker.send(topic, [*texts, texts[0], "no json", *lines(view, f"bad{partition}", mac="x")], partition)
    (tmp_path / "work").mkdir()
    command = [sys.executable, str(Path(__file__).with_name("killing.py"))]
    source = f"kafka:{broker.bootstrap}/{topic}"
    calls = [str(call) for call in (12, 30)]
    done = subprocess.run(
        [*command, source, str(tmp_path / "work"), "--kills", "6", "--calls", *calls],
        cwd=PROJECT_ROOT, env={"PYTHONPATH": str(PROJECT_ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert result["reference"]["rows"].endswith(" 3004 rows")
    assert result["reference"]["is_quiet"]
    assert result["reference"]["left"] == []
    assert result["killed"] >= 6 + len(calls)
    assert [outcome for outcome in result["outcomes"] if outcome != result["reference"]] == []
