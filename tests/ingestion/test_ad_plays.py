"""Plays that players reported come into the lake as `ad` events, once each (HH-11, AD-11, PRV-1)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.privacy import load_pseudonyms
from core.settings import Settings
from ingestion.decision_log import ingest_decisions
from ingestion.erased import note_erased
from ingestion.retention import drop_expired

LATER = datetime(2026, 5, 1, 14, tzinfo=UTC)
DEVICE = "d_" + "1" * 24


def told(settings: Settings, name: str, *lines: dict[str, Any]) -> None:
    file = settings.paths.ads.plays / "hour=2026-05-01T12" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    file.write_text(text + '{"event_id": "torn')


def play(number: int, **fields: Any) -> dict[str, Any]:
    line = {
        "event_id": f"ad:{number}", "at": "2026-05-01T12:05:00.5Z", "device_key": DEVICE, "device_class": "tv",
        "content_id": "film", "spot_id": "a", "break_id": "b",
    }  # fmt: skip
    return line | fields


def lake(settings: Settings) -> list[dict[str, Any]]:
    files = sorted(settings.paths.events.glob("hour=*/*.parquet"))
    return pa.concat_tables([pq.ParquetFile(file).read() for file in files]).to_pylist() if files else []


def test_a_reported_play_is_an_ad_event_once(settings: Settings) -> None:
    told(settings, "one", play(1), play(1), play(2, device_key="d_" + "0" * 24))
    report = ingest_decisions(settings, LATER)
    assert report.kinds["events"].accepted == 2
    told(settings, "two", play(2), play(3))
    assert ingest_decisions(settings, LATER).kinds["events"].accepted == 1
    assert not ingest_decisions(settings, LATER).has_changes
    rows = {row["event_id"]: row for row in lake(settings)}
    assert sorted(rows) == ["ad:1", "ad:2", "ad:3"]
    assert rows["ad:1"]["device_key"] == DEVICE
    assert rows["ad:1"]["has_advertising_consent"]
    assert not rows["ad:1"]["has_personalisation_consent"]
    assert rows["ad:2"]["device_key"] is None
    assert not rows["ad:2"]["has_advertising_consent"]


def test_an_hour_that_is_not_over_waits_and_an_erased_device_stays_out(settings: Settings) -> None:
    """PRV-3"""
    told(settings, "one", play(1))
    assert not ingest_decisions(settings, datetime(2026, 5, 1, 12, 30, tzinfo=UTC)).has_changes
    note_erased(settings.paths, load_pseudonyms(settings.paths.keys), DEVICE, LATER)
    assert not ingest_decisions(settings, LATER).has_changes
    assert lake(settings) == []


def test_the_log_of_plays_expires_with_the_events(settings: Settings) -> None:
    """PRV-4: and does not come back into the lake."""
    told(settings, "one", play(1))
    ingest_decisions(settings, LATER)
    dropped = drop_expired(settings, LATER + timedelta(days=91))
    assert (dropped["events"], dropped["ad_plays"]) == (1, 1)
    told(settings, "again", play(2))
    assert not ingest_decisions(settings, LATER + timedelta(days=91)).has_changes
