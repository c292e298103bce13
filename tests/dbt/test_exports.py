"""What later stages rely on: columns, consent, windows, and an oracle in plain Python."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from core import warehouse
from core.contracts import exports
from core.settings import Settings
from tests.dbt.conftest import NOON, Lake, Row, at, decision, play, rows_of, shown, video, view

pytestmark = pytest.mark.slow


def test_an_empty_home_gives_every_export_with_its_columns_and_no_row(settings: Settings) -> None:
    report = warehouse.build(settings, NOON)
    for model, columns in exports.COLUMNS.items():
        assert set(columns) <= set(pq.read_table(settings.paths.export(model)).column_names), model
    assert {model: rows for model, rows in report.rows.items() if rows} == {exports.RPT_FRESHNESS: 3}


def test_plays_without_consent_count_for_nv_t3_and_reach_no_row_of_a_device(small_lake: Lake) -> None:
    """NV-T3, PRV-2: 20 plays of one video, 12 without consent; a repeated play counts; 34.9 % does not."""
    small_lake.set_catalogue(video("v1"), video("v2"))
    events: list[Row] = []
    for number in range(20):
        has_consent = number < 8
        events += play(f"p{number}", at("2026-05-20 10:00"), has_personalisation_consent=has_consent)
    for number in range(19):
        events += play(f"q{number}", at("2026-05-20 10:00"), content_id="v2", device_class="desktop")
    events.append(view("q_short", at("2026-05-20 10:00"), 349.0, content_id="v2"))
    small_lake.add_events(1, *events)
    warehouse.build(small_lake.settings, NOON)

    counts = {row["content_id"]: row for row in rows_of(small_lake.settings, exports.FEAT_CONTENT_COUNTS)}
    assert (counts["v1"]["play_count"], counts["v1"]["is_trainable"]) == (20, True)
    assert (counts["v2"]["play_count"], counts["v2"]["is_trainable"]) == (19, False)
    plays = rows_of(small_lake.settings, exports.FEAT_TRAINING_PLAYS)
    assert [row["content_id"] for row in plays] == ["v1"] * 8
    assert len(rows_of(small_lake.settings, exports.FCT_PLAYBACKS)) == 8 + 19 + 1
    days = rows_of(small_lake.settings, exports.FCT_CONTENT_DAYS, "from rows where content_id = 'v1'")
    assert [(row["playback_count"], row["play_count"], row["watched_s"]) for row in days] == [(20, 20, 10_000.0)]


def test_advertising_consent_alone_reaches_no_row_of_a_device(small_lake: Lake) -> None:
    """PRV-2: the lake has a device_key as soon as there is any consent; personalisation is asked for here."""
    consent = {"has_personalisation_consent": False, "has_advertising_consent": True}
    small_lake.add_events(
        1, *play("p", at("2026-05-20 10:00"), **consent), shown("r", at("2026-05-20"), ["v1"]) | consent
    )
    warehouse.build(small_lake.settings, NOON)
    for model in (exports.FCT_PLAYBACKS, exports.FCT_SESSIONS, exports.FEAT_DEVICE):
        assert rows_of(small_lake.settings, model) == []
    units = rows_of(small_lake.settings, exports.RPT_VIEWING_VOLUME, "select sum(unit_count) as units from rows")
    assert units == [{"units": 0}]


def test_the_funnel_adds_up_from_events_to_training_plays(small_lake: Lake) -> None:
    """MC-2: what each step has is what the one before had less what it dropped."""
    small_lake.set_catalogue(video("v1"), video("rare"))
    events: list[Row] = [shown("r", at("2026-05-20"), ["v1"])]
    for number in range(20):
        events += play(f"p{number}", at("2026-05-20 10:00"))
    events += play("no_consent", at("2026-05-20 10:00"), has_personalisation_consent=False)
    events += play("old", at("2026-04-20 10:00"))
    events += play("rare", at("2026-05-20 10:00"), content_id="rare")
    events += play("unknown", at("2026-05-20 10:00"), content_id="unknown")
    events.append(view("short", at("2026-05-20 10:00"), 10.0))
    small_lake.add_events(1, *events)
    warehouse.build(small_lake.settings, NOON)

    funnel = rows_of(small_lake.settings, exports.RPT_FUNNEL, "from rows order by step_number")
    assert [(row["step"], row["row_count"], row["dropped_count"]) for row in funnel] == [
        ("events", 50, 0),
        ("views", 49, 1),
        ("views with consent", 47, 2),
        ("playbacks", 24, 23),
        ("playbacks of known videos", 23, 1),
        ("plays of at least the share", 22, 1),
        ("plays inside the window", 21, 1),
        ("training plays", 20, 1),
    ]


def test_no_feature_sees_a_planted_future_event(small_lake: Lake) -> None:
    """OPS-1: the row of a day is the same whether or not the device goes on to watch something later."""
    yesterday = play("p", at("2026-05-30 10:00"))
    small_lake.add_events(1, *yesterday)
    warehouse.build(small_lake.settings, NOON)
    (before,) = rows_of(small_lake.settings, exports.FEAT_DEVICE)

    small_lake.add_events(2, *play("midnight", at("2026-05-31 00:00")), *play("later", at("2026-06-02 10:00")))
    warehouse.build(small_lake.settings, NOON + timedelta(days=5))
    after = rows_of(small_lake.settings, exports.FEAT_DEVICE, "from rows order by event_timestamp")

    assert before == after[0]
    assert [row["event_timestamp"] for row in after] == [at("2026-05-31"), at("2026-06-01"), at("2026-06-03")]
    assert [row["play_count_30d"] for row in after] == [1, 2, 3]


def test_decisions_are_counted_by_hour_and_reason_with_their_percentile(small_lake: Lake) -> None:
    hidden = {"case": "hidden", "reason": "NV-H2"}
    answers = [decision(f"d{n}", at("2026-05-31 10:00") + timedelta(minutes=n), latency_ms=float(n)) for n in range(50)]
    small_lake.add_decisions(1, *answers, decision("h", at("2026-05-31 10:00"), **hidden))
    warehouse.build(small_lake.settings, NOON)
    rows = rows_of(small_lake.settings, exports.RPT_DECISIONS, "from rows order by decision_count")
    assert [(row["case"], row["reason"], row["decision_count"]) for row in rows] == [
        ("hidden", "NV-H2", 1),
        ("regular", None, 50),
    ]
    assert rows[1]["p99_latency_ms"] == pytest.approx(48.51)
    freshness = {row["source"]: row for row in rows_of(small_lake.settings, exports.RPT_FRESHNESS)}
    assert freshness["decisions"]["row_count"] == 51


def test_training_plays_are_what_plain_python_finds(small_lake: Lake) -> None:
    """NV-T1, NV-T2, NV-T3 and PRV-2 by an oracle that shares no code with the SQL."""
    videos = ["v1", "v2", "v3"]
    small_lake.set_catalogue(*[video(name) for name in videos])
    events = [
        view(
            f"p{n}", at("2026-04-25") + timedelta(hours=13 * n), float(n * 37 % 1000), content_id=["v1", "v2", "v3", "v4"][n * 7 % 4],
            device_key=f"d{n % 5}", has_personalisation_consent=n % 6 > 0,
        )
        for n in range(66)
    ]  # fmt: skip
    events += [
        row | {"event_id": row["event_id"] + "+", "playback_id": row["playback_id"] + "+"} for row in events[::2]
    ]
    small_lake.add_events(1, *events)
    as_of = datetime(2026, 5, 28, 7, tzinfo=UTC)
    warehouse.build(small_lake.settings, as_of)

    end = as_of.replace(tzinfo=None)
    plays = [e for e in events if e["watched_s"] >= 350 and end - timedelta(days=30) <= e["happened_at"] < end]
    counts = Counter(e["content_id"] for e in plays)
    wanted = sorted(
        (e["device_key"], e["happened_at"], e["content_id"])
        for e in plays
        if e["has_personalisation_consent"] and e["content_id"] in videos and counts[e["content_id"]] >= 20
    )
    found = rows_of(small_lake.settings, exports.FEAT_TRAINING_PLAYS)
    assert 0 < len(wanted) < len(plays)
    assert [(row["device_key"], row["played_at"], row["content_id"]) for row in found] == wanted
