"""Serving's own log comes back as one more source: closed hours only, each decision once."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.contracts.lake import DECISIONS
from core.settings import Settings
from ingestion.decision_log import ingest_decisions
from ingestion.retention import drop_expired


def record(decision_id: str, decided_at: str) -> dict[str, Any]:
    return {
        "decision_id": decision_id, "decided_at": decided_at, "route": "next-video", "case": "regular", "reason": None,
        "current": "film-1", "device_class": "tv", "unit_key": None, "experiment": "blend", "arm": "a",
        "model_name": "next_video", "model_version": "3", "history_source": "NV-U1", "history_count": 4,
        "counts": {"candidates": 100, "NV-R3": 90}, "items": ["a", "b"], "sources": ["sequence", "similarity"],
        "scores": [0.9, 0.5], "latency_ms": 3.25,
    }  # fmt: skip


def write(log: Path, hour: str, lines: list[Any], writer: str = "w1") -> None:
    folder = log / f"hour={hour}"
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (folder / f"{writer}.jsonl").write_text(text)


def test_only_closed_hours_are_taken_each_decision_once(settings: Settings, lake: Any, as_of: datetime) -> None:
    log = settings.paths.decision_log
    write(log, "2026-05-02T10", [record("d1", "2026-05-02T10:59:59.5Z"), "noise"])
    write(log, "2026-05-02T10", [record("d1", "2026-05-02T10:59:59.5Z"), record("d2", "2026-05-02T10:00:00Z")], "w2")
    write(log, "2026-05-02T11", [record("d3", "2026-05-02T11:30:00Z")])

    report = ingest_decisions(settings, as_of)  # at 12:00 the hour of 11 has only just ended

    assert (report.kinds["decisions"].accepted, report.kinds["decisions"].repeated) == (2, 1)
    assert sorted(row["decision_id"] for row in lake.decisions()) == ["d1", "d2"]
    assert lake.reasons() == ["not_json"]
    (row,) = [row for row in lake.decisions() if row["decision_id"] == "d1"]
    assert json.loads(row["counts"]) == {"candidates": 100, "NV-R3": 90}
    (file,) = settings.paths.decisions.glob("hour=2026-05-02T10/*.parquet")
    assert pq.ParquetFile(file).schema_arrow.equals(DECISIONS)

    assert not ingest_decisions(settings, as_of).has_changes
    ingest_decisions(settings, as_of + timedelta(minutes=5))
    assert sorted(row["decision_id"] for row in lake.decisions()) == ["d1", "d2", "d3"]


def test_log_and_lake_are_kept_as_long_as_the_settings_say(settings: Settings, lake: Any, as_of: datetime) -> None:
    """PRV-4."""
    write(settings.paths.decision_log, "2026-05-02T10", [record("d1", "2026-05-02T10:00:00Z")])
    ingest_decisions(settings, as_of)
    dropped = drop_expired(settings, as_of + timedelta(days=settings.retention.decisions))
    assert (dropped["decisions"], dropped["decision_log"]) == (1, 1)
    assert lake.decisions() == []
    assert list(settings.paths.decision_log.iterdir()) == []
