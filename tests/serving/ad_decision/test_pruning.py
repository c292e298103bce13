"""Old plays and answers leave the counters in small steps (PRV-4)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.algorithms.ads.plays import Play
from serving.ad_decision import sqlite_counters
from serving.ad_decision.sqlite_counters import SqliteCounters

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_only_what_is_older_goes_however_many_steps_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_counters, "_ROWS_A_STEP", 3)
    counters = SqliteCounters(tmp_path / "counters.sqlite")
    plays = [
        (
            f"d{number % 5}",
            Play(f"p{number}", "a", f"f{number}", "c", NOW - timedelta(days=number % 4), f"b{number}", 0),
        )
        for number in range(20)
    ]
    assert counters.note(plays).result(60) == 20
    assert counters.prune(NOW - timedelta(days=1, hours=1)).result(60) == 10
    left = counters.plays([f"d{number}" for number in range(5)], NOW - timedelta(days=9)).result(60)
    assert len(left) == 10
    assert all(play.at >= NOW - timedelta(days=1) for play in left)
    assert counters.prune(NOW - timedelta(days=1, hours=1)).result(60) == 0
    counters.close()
