"""HH-1: the live consumer, commit by commit, and a batch run over the whole lake end in the same rows (issue 4)."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.paths import PROJECT_ROOT
from core.settings import Settings, load
from ingestion.landing import ingest_source
from training.households import live, run

AS_OF = datetime(2026, 5, 20, tzinfo=UTC)
pytestmark = pytest.mark.slow


def settings_of(home: Path) -> Settings:
    """Small commits, so that there are many; a step for every few of them."""
    given = {"INGESTION__BATCH_MEGABYTES": "1", "LIVE_HOUSEHOLDS__STEP_EVENTS": "1500"}
    return load({"MEDIATHEK_HOME": str(home)} | {f"MEDIATHEK_{name}": value for name, value in given.items()})


def follow(settings: Settings) -> live.FollowReport:
    is_idle: list[float] = []
    return live.follow(settings, lambda: AS_OF, lambda: bool(is_idle), is_idle.append)


def assigned(settings: Settings) -> tuple[dict[str, list[str]], list[str]]:
    """Devices by household now, and every row without its id."""
    rows = pq.ParquetFile(settings.paths.household_assignments).read().to_pylist()
    groups: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: str(row["device_key"])):
        if row["until_at"] is None:
            groups.setdefault(row["household_id"], []).append(row["device_key"])
    told = [{name: value for name, value in row.items() if name not in ("household_id", "confidence")} for row in rows]
    confidence = [(row["device_key"], str(row["from_at"]), round(row["confidence"], 9)) for row in rows]
    return groups, sorted(map(str, [*told, *confidence]))


def test_live_and_batch_end_in_the_same_households_and_a_takeover_changes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "simulated"
    command = [
        sys.executable,
        "-m",
        "mediathek",
        "simulate",
        "--out",
        str(source),
        "--days",
        "12",
        "--households",
        "40",
    ]
    subprocess.run(
        [*command, "--seed", "9", "--hard", "--as-of", AS_OF.isoformat()], cwd=PROJECT_ROOT, check=True, capture_output=True
    )  # fmt: skip
    streamed, batched = settings_of(tmp_path / "streamed"), settings_of(tmp_path / "batched")
    ingest_source(streamed, source / "landing", AS_OF)
    shutil.copytree(streamed.home, batched.home)

    report = follow(streamed)
    clustered = run.cluster(batched, AS_OF)

    assert report.steps > 3
    assert clustered.events == report.events
    (groups, rows), (expected_groups, expected_rows) = assigned(streamed), assigned(batched)
    assert sorted(groups.values()) == sorted(expected_groups.values())
    assert rows == expected_rows

    shutil.copytree(batched.paths.household_handover, streamed.paths.household_handover, dirs_exist_ok=True)
    follow(streamed)
    assert assigned(streamed) == (groups, rows)
    assert last_step(streamed)["cause"] == "takeover"
    assert last_step(streamed)["changes"] == []


def last_step(settings: Settings) -> dict[str, Any]:
    newest = max(settings.paths.household_feed.glob("*.jsonl"))
    step: dict[str, Any] = json.loads(newest.read_text().splitlines()[-1])
    return step
