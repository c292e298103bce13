"""LOG-2: a landing directory that is followed gives what single runs give, and lets others have their turn."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.errors import StageError
from core.settings import Settings
from ingestion import ledger
from ingestion.batch import Ingestion
from ingestion.fence import held
from ingestion.follow import DirectoryFollower, follow_source
from ingestion.landing import ingest_source
from ingestion.retention import drop_expired

pytestmark = pytest.mark.slow
View = Callable[..., dict[str, Any]]


@pytest.fixture
def follower(settings: Settings, landing: Any) -> Iterator[DirectoryFollower]:
    opened = DirectoryFollower(settings, landing.root)
    yield opened
    opened.close()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often what is known of the lake was read."""
    found: list[int] = []
    real = Ingestion.__init__

    def counted(self: Ingestion, *arguments: Any) -> None:
        found.append(1)
        real(self, *arguments)

    monkeypatch.setattr(Ingestion, "__init__", counted)
    return found


def test_what_is_known_of_the_lake_is_read_once_and_repeated_events_are_known_at_later_looks(
    follower: DirectoryFollower, landing: Any, lake: Any, view: View, as_of: datetime, made: list[int]
) -> None:
    for number in range(4):
        landing.put(f"events/{number}.jsonl", [view(f"e{number}"), view(f"e{max(0, number - 1)}"), "no json"])
        report = follower.look(as_of)
        assert (report.events.accepted, report.batches) == (1, [number + 1])
        assert not follower.look(as_of).has_changes
    assert set(lake.events()) == {"e0", "e1", "e2", "e3"}
    assert len(made) == 1


def test_whoever_ingests_in_between_is_noticed_and_nothing_is_taken_twice(
    follower: DirectoryFollower,
    settings: Settings,
    landing: Any,
    lake: Any,
    view: View,
    as_of: datetime,
    made: list[int],
) -> None:
    landing.put("events/a.jsonl", [view("a")])
    follower.look(as_of)
    landing.put("events/b.jsonl", [view("b")])
    ingest_source(settings, landing.root, as_of)
    landing.put("events/c.jsonl", [view("c"), view("b")])
    report = follower.look(as_of)
    assert (report.events.accepted, report.events.repeated) == (1, 1)
    assert set(lake.events()) == {"a", "b", "c"}
    assert ledger.head(settings.paths) == 3


def test_retention_in_between_holds_for_what_comes_after_it(
    follower: DirectoryFollower, settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    """PRV-4"""
    landing.put("events/a.jsonl", [view("a")])
    follower.look(as_of)
    drop_expired(settings, as_of + timedelta(days=settings.retention.events + 2))
    landing.put("events/b.jsonl", [view("b")])
    assert follower.look(as_of).events.expired == 1
    assert lake.events() == {}


def test_while_another_holds_the_right_a_look_is_refused_and_the_next_one_goes_on(
    follower: DirectoryFollower, settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("a")])
    with held(settings.paths), pytest.raises(StageError, match="ingesting into"):
        follower.look(as_of)
    follower.look(as_of)
    assert set(lake.events()) == {"a"}


def test_a_single_run_waits_for_a_look_under_way_to_end(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.batch._PATIENCE_SECONDS", 60)
    landing.put("events/a.jsonl", [view("a")])
    runs = threading.Thread(target=ingest_source, args=(settings, landing.root, as_of))
    with held(settings.paths):
        runs.start()
        time.sleep(0.2)
        assert ledger.head(settings.paths) == 0
    runs.join(60)
    assert set(lake.events()) == {"a"}


def test_looks_at_a_growing_delivery_give_the_rows_of_one_run(
    follower: DirectoryFollower, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    rng = random.Random(4)
    lines = [view(f"e{rng.randrange(60)}", at=f"2026-05-01T{i % 24:02}:00:00Z") for i in range(120)]
    for upto in range(1, 120, 17):
        landing.put("events/grows.jsonl", lines[:upto])
        follower.look(as_of)
    assert set(lake.events()) == {line["event_id"] for line in lines[:103]}


def test_a_follower_looks_until_it_is_stopped_and_shows_only_news(
    settings: Settings, landing: Any, view: View, as_of: datetime
) -> None:
    shown, waited = [], []
    landing.put("events/a.jsonl", [view("a")])

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            landing.put("events/b.jsonl", [view("b")])

    follow_source(settings, landing.root, lambda: as_of, lambda: len(waited) == 4, wait, shown.append)
    assert [report.batches for report in shown] == [[1], [2]]
    assert min(waited) == settings.ingestion.follow_seconds
