"""Drift between two weeks, by Evidently (OPS-1, NV-M1), and the alert that asks for a new training."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.contracts import exports
from core.settings import Settings
from monitoring import alerts
from monitoring.drift import DriftReport, run

pytestmark = pytest.mark.slow

AS_OF = datetime(2026, 5, 31, tzinfo=UTC)


@pytest.fixture
def few(settings: Settings) -> Settings:
    """Forty rows a side are enough here."""
    return settings.model_copy(update={"monitoring": settings.monitoring.model_copy(update={"min_drift_rows": 40})})


def stored(settings: Settings) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((settings.paths.report("drift", AS_OF) / "report.json").read_text())
    return values


def shown(lake: Any, marts: Any, of_week: dict[int, list[str]]) -> list[dict[str, Any]]:
    """Two hundred recommendations a week, each with the same items."""
    return [
        lake.event(
            1000 * week + number, event="recommendation", use_case="next-video", arm="control", items=items,
            happened_at=marts.END - timedelta(days=7 * week, minutes=40 * number + 1), watched_s=None, playback_id=None,
        )
        for week, items in of_week.items()
        for number in range(200)
    ]  # fmt: skip


def columns(report: DriftReport) -> dict[str, bool]:
    return {f"{each.topic}.{each.column}": each.is_drifted for each in report.columns}


def test_two_like_weeks_show_no_drift_and_raise_no_alert(lake: Any, marts: Any, few: Settings) -> None:
    models = marts.exports_of()
    for number, row in enumerate(models[exports.DIM_CONTENT]):
        row["published_at"] = marts.END - timedelta(days=30 + 60 * number)
    marts.write_exports(few.paths, models)
    items = [f"v{number:03d}" for number in range(10)]
    lake.write_lake(few.paths, shown(lake, marts, {0: items, 1: items}))
    report = run(few, AS_OF)
    assert {each.topic for each in report.topics} == {"features", "catalogue", "recommended"}
    assert [each.reason_en for each in report.topics] == [None, None, None]
    assert columns(report)["features.taste_news"] is False
    assert columns(report)["recommended.genre"] is False
    assert report.drifted_count == 0
    assert not report.has_alert
    assert alerts.read_all(few.paths) == []
    values = stored(few)
    assert values["drifted_share"] == 0
    assert values["model_version"] is None
    assert {"topic", "column", "method", "threshold", "score", "is_drifted"} == set(values["columns"][0])


def test_a_change_of_taste_and_of_what_is_shown_is_drift(lake: Any, marts: Any, few: Settings) -> None:
    models = marts.exports_of()
    for row in models[exports.FEAT_DEVICE]:
        if row["event_timestamp"] > marts.END - timedelta(days=7):
            row.update({f"taste_{genre}": float(genre == "sport") for genre in marts.GENRES})
    marts.write_exports(few.paths, models)
    sport = [f"v{number:03d}" for number in range(5, 60, 8)]
    news = [f"v{number:03d}" for number in range(2, 60, 8)]
    lake.write_lake(few.paths, shown(lake, marts, {0: sport, 1: news}))
    strict = few.model_copy(update={"monitoring": few.monitoring.model_copy(update={"max_drifted_share": 0.2})})
    report = run(strict, AS_OF)
    found = columns(report)
    assert found["features.taste_sport"]
    assert found["recommended.genre"]
    assert not found["features.plays_a_day"]
    assert report.has_alert
    (alert,) = alerts.read_all(few.paths, "drift")
    assert alert.as_of == AS_OF
    assert "columns drifted since last week" in alert.message
    page = (few.paths.report("drift", AS_OF) / "report.html").read_text()
    assert "an alert asks for a new training" in page
    assert "taste_sport" in page
    assert '<script src="http' not in page
    # The same run again under a wider bound takes its alert back.
    assert not run(
        few.model_copy(update={"monitoring": few.monitoring.model_copy(update={"max_drifted_share": 0.9})}), AS_OF
    ).has_alert
    assert alerts.read_all(few.paths) == []


def test_a_young_log_is_no_drift_of_sums(lake: Any, marts: Any, few: Settings) -> None:
    """Ten days of log: sums over 30 days still grow, daily means do not."""
    models = marts.exports_of()
    models[exports.FEAT_DEVICE] = [
        marts.feature(device, day, play_count_30d=2 * (10 - day), watched_s_30d=1200.0 * (10 - day))
        for device in range(40)
        for day in range(10)
    ]
    marts.write_exports(few.paths, models)
    found = columns(run(few, AS_OF))
    assert not found.get("features.plays_a_day", False)
    assert not found.get("features.watched_s_a_day", False)


def test_too_little_data_is_said_and_is_no_crash(marts: Any, settings: Settings) -> None:
    marts.write_exports(settings.paths, marts.exports_of())
    report = run(settings, AS_OF)
    assert report.drifted_share is None
    assert not report.has_alert
    values = stored(settings)
    assert values["topics"][0]["reason_en"] == "too few rows: 40 in the week before, 40 now; 300 are needed"
    assert values["topics"][0]["reason_de"].startswith("zu wenige Zeilen")
    assert "Nothing could be measured" in (settings.paths.report("drift", AS_OF) / "report.html").read_text()


def test_no_export_at_all_is_no_crash_either(settings: Settings) -> None:
    report = run(settings, AS_OF)
    assert report.topics == ()
    assert report.drifted_share is None
