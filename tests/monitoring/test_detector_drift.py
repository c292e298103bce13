"""Drift of live verdicts against the served detector's reference, by Evidently (AD-7, OPS-1)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.contracts.ad_detection import instant_text, served_detector, verdict_logs
from core.settings import Settings
from monitoring import alerts
from monitoring.detector_drift import run

AS_OF = datetime(2026, 5, 31, 12, tzinfo=UTC)
LABELS = ("talk", "music", "talk", "ad")


def row(number: int, shift: float = 0.0, label: str | None = None) -> dict[str, Any]:
    said = label or LABELS[number % 4]
    shares = {name: 0.9 if name == said else 0.05 for name in ("ad", "talk", "music")}
    return {"level_db": -20.0 - number % 7 + shift, "confidence": 0.7 + number % 5 / 20, "label": said, **shares}


def serve(settings: Settings) -> None:
    rows = [row(number) for number in range(400)]
    reference = {name: [each[name] for each in rows] for name in rows[0]}
    folder = served_detector(settings.paths)
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"live_reference": reference}))


def heard(settings: Settings, shift: float = 0.0, label: str | None = None) -> None:
    """Four hundred seconds of one station, the last line torn."""
    folder = verdict_logs(settings.paths) / "radio-one"
    folder.mkdir(parents=True)
    lines = []
    for number in range(400):
        values = row(number, shift, label)
        shares = {name: values.pop(name) for name in ("ad", "talk", "music")}
        at = instant_text(AS_OF - timedelta(seconds=500 - number))
        lines.append(json.dumps({"at": at, **values, "probabilities": shares, "spot_id": None}))
    (folder / "2026-05-31.jsonl").write_text("\n".join(lines) + '\n{"at": "2026-05')


def page(settings: Settings, language: str) -> str:
    return (settings.paths.report("detector_drift", AS_OF) / f"report.{language}.html").read_text()


def test_without_a_detector_or_verdicts_it_says_so(settings: Settings) -> None:
    assert run(settings, AS_OF).reason_en == "no detector with a reference is served"
    serve(settings)
    assert "too few verdicts: 0 in the last day" in str(run(settings, AS_OF).reason_en)
    assert "zu wenige Urteile" in page(settings, "de")


@pytest.mark.slow
def test_a_station_that_sounds_as_learned_raises_no_alarm(settings: Settings) -> None:
    serve(settings)
    heard(settings)
    report = run(settings, AS_OF)
    assert report.stations == {"radio-one": 400}
    assert report.drifted_count == 0
    assert len(report.columns) == 6
    assert [each.hour for each in report.hours] == [11]
    assert "No alarm" in page(settings, "en")
    assert alerts.read_all(settings.paths) == []


@pytest.mark.slow
def test_a_quiet_station_that_is_all_ads_raises_the_alarm(settings: Settings) -> None:
    serve(settings)
    heard(settings, shift=-20.0, label="ad")
    report = run(settings, AS_OF)
    drifted = {each.column for each in report.columns if each.is_drifted}
    assert drifted >= {"level_db", "label", "ad", "talk", "music"}
    assert report.has_alert
    assert "ALARM" in page(settings, "de")
    (alert,) = alerts.read_all(settings.paths, "detector_drift")
    assert "of 6 columns" in alert.message
