"""An incremental build gives the same tables as a full one (OPS-1), whatever comes late."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core import warehouse
from core.settings import Settings
from tests.dbt.conftest import Lake, Row, all_exports, at, decision, play, rows_of, shown, video, view

pytestmark = pytest.mark.slow
Home = Callable[[str], Settings]


def _same_as_a_full_build(lake: Lake, home: Home, name: str, as_of: datetime) -> None:
    other = home(name)
    lake.copy_to(other)
    assert warehouse.build(other, as_of).mode == "full"
    assert all_exports(lake.settings) == all_exports(other)


def test_late_events_a_bridged_session_and_a_moved_window_give_what_a_full_build_gives(
    small_lake: Lake, another_home: Home
) -> None:
    settings = small_lake.settings
    small_lake.set_catalogue(video("v1"), video("v2", genre="news"))
    small_lake.add_events(
        1,
        *play("evening", at("2026-05-30 20:00")),
        *play("after_an_hour", at("2026-05-30 21:10")),
        *play("midnight", at("2026-05-31 00:05")),
        *play("other", at("2026-05-30 20:00"), device_key="b", content_id="v2"),
        *play("nobody", at("2026-05-30 20:00"), has_personalisation_consent=False),
        *play("at_the_edge", at("2026-05-01 12:30"), device_key="c"),
        *play("unknown", at("2026-05-30 22:00"), content_id="v9", duration_s=None),
        shown("r1", at("2026-05-30 19:59"), ["v1"]),
    )
    small_lake.add_decisions(1, decision("d1", at("2026-05-31 10:00")))
    first = datetime(2026, 5, 31, 12, tzinfo=UTC)
    assert warehouse.build(settings, first).mode == "full"
    assert len(rows_of(settings, "fct_sessions", "select * from rows where device_key = 'a'")) == 4

    small_lake.set_catalogue(video("v1"), video("v2", genre="fiction"), video("v9"))
    small_lake.add_events(
        2,
        # joins two sessions of yesterday evening
        *play("bridge", at("2026-05-30 20:35")),
        # moves the begin of a playback to the day before, so that today has none left
        view("midnight", at("2026-05-30 23:58"), 0.0),
        # consent given in the middle of a playback that was nobody's
        view("nobody", at("2026-05-30 20:12"), 700.0, device_key="d"),
        # takes the attribution away from r1
        shown("r2", at("2026-05-30 20:34"), ["v1"], arm="control"),
        *play("new", at("2026-05-31 12:10"), device_key="b"),
    )
    small_lake.add_decisions(2, decision("d2", at("2026-05-31 10:30"), latency_ms=50.0))
    second = datetime(2026, 5, 31, 13, tzinfo=UTC)
    report = warehouse.build(settings, second)

    assert report.mode == "incremental"
    assert report.new_files == 3
    assert len(rows_of(settings, "fct_sessions", "select * from rows where device_key = 'a'")) == 3
    _same_as_a_full_build(small_lake, another_home, "full", second)


def test_random_batches_in_any_order_give_what_a_full_build_gives(small_lake: Lake, another_home: Home) -> None:
    chance = random.Random(7)
    videos = [video(f"v{n}", genre=chance.choice(["news", "fiction", "kids"])) for n in range(6)]
    small_lake.set_catalogue(*videos)
    events = _month(chance)
    chance.shuffle(events)
    as_of = datetime(2026, 5, 29, tzinfo=UTC)
    for batch in range(3):
        share = len(events) // 3
        small_lake.add_events(batch + 1, *events[batch * share : (batch + 1) * share])
        as_of += timedelta(hours=7)
        assert warehouse.build(small_lake.settings, as_of).mode == ("incremental" if batch else "full")
    _same_as_a_full_build(small_lake, another_home, "full", as_of)


def _month(chance: random.Random) -> list[Row]:
    """Forty days of playbacks of four devices, close enough to touch each other, with and without consent."""
    events: list[Row] = []
    for number in range(400):
        begin = at("2026-04-20") + timedelta(minutes=chance.randrange(40 * 24 * 60))
        device, has_consent = chance.choice("abcd"), chance.random() < 0.8
        for step in range(chance.randrange(1, 6)):
            events.append(
                view(
                    f"p{number}", begin + timedelta(minutes=7 * step), 140.0 * step + chance.random(), device_key=device,
                    content_id=f"v{chance.randrange(7)}" if step == 0 else events[-1]["content_id"],
                    has_personalisation_consent=has_consent and chance.random() < 0.9,
                )
            )  # fmt: skip
        if number % 3 == 0:
            items = [f"v{chance.randrange(7)}" for _ in range(3)]
            arm = chance.choice(["blend", "control", None])
            events.append(shown(f"r{number}", begin - timedelta(minutes=3), items, arm, device_key=device))
    return events


def test_a_file_that_is_gone_leads_to_a_full_build_without_its_rows(small_lake: Lake, another_home: Home) -> None:
    """PRV-3, PRV-4: what retention or erasure takes from the lake leaves the warehouse too."""
    settings = small_lake.settings
    small_lake.add_events(1, *play("old", at("2026-05-10 20:00")), *play("new", at("2026-05-30 20:00")))
    as_of = datetime(2026, 5, 31, tzinfo=UTC)
    warehouse.build(settings, as_of)
    for file in (settings.paths.events / "hour=2026-05-10T20").iterdir():
        file.unlink()

    report = warehouse.build(settings, as_of)

    assert report.mode == "full"
    assert "gone or changed" in report.reason
    assert [row["playback_id"] for row in rows_of(settings, "fct_playbacks")] == ["new"]


def test_a_build_over_nothing_new_at_the_same_time_does_nothing(small_lake: Lake) -> None:
    small_lake.add_events(1, *play("p", at("2026-05-30 20:00")))
    as_of = datetime(2026, 5, 31, tzinfo=UTC)
    first = warehouse.build(small_lake.settings, as_of)
    before = {file: file.stat().st_mtime_ns for file in small_lake.settings.paths.exports.iterdir()}

    second = warehouse.build(small_lake.settings, as_of)

    assert (second.mode, second.nodes_run, second.rows) == ("unchanged", 0, first.rows)
    assert before == {file: file.stat().st_mtime_ns for file in small_lake.settings.paths.exports.iterdir()}
