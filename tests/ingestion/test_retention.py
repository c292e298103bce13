"""PRV-4: what is older than the settings say leaves the lake and does not come back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from core.settings import Settings
from ingestion.landing import ingest_source
from ingestion.retention import drop_expired

View = Callable[..., dict[str, Any]]


def test_expired_hours_are_dropped_and_do_not_come_back_with_an_old_file(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    old, new = view("old", at="2026-05-01T11:59:59Z"), view("new", at="2026-05-01T12:00:00Z")
    landing.put("events/a.jsonl", [old, new, "noise"])
    ingest_source(settings, landing.root, as_of)
    later = as_of.replace(day=1) + timedelta(days=settings.retention.events)

    dropped = drop_expired(settings, later)

    assert dropped == {"events": 1, "decisions": 0, "decision_log": 0, "ad_plays": 0, "quarantine": 1, "withdrawals": 0}
    assert list(lake.events()) == ["new"]
    assert lake.quarantine() == []
    landing.put("events/again.jsonl", [new, old, view("late", at="2026-05-01T11:00:00Z")])
    report = ingest_source(settings, landing.root, later)
    assert (report.events.accepted, report.events.repeated, report.events.expired) == (0, 1, 2)
    assert list(lake.events()) == ["new"]
    assert drop_expired(settings, later) == {
        "events": 0,
        "decisions": 0,
        "decision_log": 0,
        "ad_plays": 0,
        "quarantine": 0,
        "withdrawals": 0,
    }


def test_nothing_is_dropped_a_moment_before_its_time(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1", at="2026-05-01T12:00:00Z"), "noise"])
    ingest_source(settings, landing.root, as_of)
    drop_expired(settings, as_of + timedelta(days=settings.retention.quarantine))
    assert len(lake.quarantine()) == 1
    drop_expired(settings, as_of.replace(day=1, hour=12, minute=59) + timedelta(days=settings.retention.events))
    assert list(lake.events()) == ["e1"]


def test_a_clock_that_goes_back_neither_drops_nor_loses_anything(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1")])
    ingest_source(settings, landing.root, as_of)
    landing.put("events/b.jsonl", [view("e2"), view("e3", at="2026-05-02T11:00:00Z")])
    report = ingest_source(settings, landing.root, as_of - timedelta(days=1))
    assert report.events.accepted == 1
    assert report.events.quarantined == {"future_at": 1}
    assert [row["batch_id"] for _, row in sorted(lake.events().items())] == [1, 2]
