"""A disk without room: one clear line, nothing half-written, and the next run is whole (issue 3, OPS)."""

import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings, child_environment
from ingestion.landing import ingest_source

EVENTS = 2000
ENOUGH_FOR_THE_LEDGER_BUT_NOT_FOR_EVENTS = 16_000  # bytes a file


def ingest_with_room_for(file_bytes: int, settings: Settings, source: Path) -> subprocess.CompletedProcess[str]:
    """The real command, under a kernel limit that makes writes fail in the middle of a file."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    command = [sys.executable, "-m", "mediathek", "ingest", "--source", str(source), "--as-of", "2026-05-02T12:00:00Z"]
    return subprocess.run(
        command, env=child_environment(settings), preexec_fn=limit, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_a_full_disk_says_so_in_one_line_leaves_nothing_half_written_and_the_next_run_is_whole(
    settings: Settings, landing: Any, lake: Any, view: Callable[..., dict[str, Any]], as_of: Any
) -> None:
    chance = random.Random(1)
    events = [view(f"{chance.getrandbits(128):032x}", playback_id=f"{chance.random()}") for _ in range(EVENTS)]
    landing.put("events/small.jsonl", [view("alone", at="2026-04-30T01:00:00Z")])
    landing.put("events/large.jsonl", [*events, "no json"])

    failed = ingest_with_room_for(ENOUGH_FOR_THE_LEDGER_BUT_NOT_FOR_EVENTS, settings, landing.root)
    assert failed.returncode == 1
    said = [line for line in failed.stderr.splitlines() if line.startswith("mediathek: ")]
    assert len(said) == 1, failed.stderr
    assert "could not be written" in said[0]
    assert "make room" in said[0]
    assert "Traceback" not in failed.stderr

    left = [file.relative_to(settings.paths.lake) for file in settings.paths.lake.rglob("*.parquet")]
    assert left == []

    ingest_source(settings, landing.root, as_of)
    assert len(lake.events()) == EVENTS + 1
    assert lake.reasons() == ["not_json"]


def test_half_a_parquet_file_in_staging_is_thrown_away(
    settings: Settings, landing: Any, lake: Any, view: Callable[..., dict[str, Any]], as_of: Any
) -> None:
    """What a kill in the middle of writing leaves behind; its lines are read again."""
    landing.put("events/a.jsonl", [view("a")])
    ingest_source(settings, landing.root, as_of)
    whole = next(settings.paths.events.glob("hour=*/*.parquet")).read_bytes()
    half = settings.paths.lake / ".staging" / "000000000002-99" / "events" / "hour=2026-05-01T12" / "00000002_0.parquet"
    half.parent.mkdir(parents=True)
    half.write_bytes(whole[: len(whole) // 2])
    landing.put("events/b.jsonl", [view("b")])

    report = ingest_source(settings, landing.root, as_of)

    assert sorted(lake.events()) == ["a", "b"]
    assert not half.exists()
    assert any("thrown away" in note for note in report.notes)
