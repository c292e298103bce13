"""LOG-3: what a simulated month must be, whoever reads it."""

import gzip
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from ingestion.simulate.run import Run
from ingestion.simulate.scenario import DAY_MS, Scenario


def _digest(directory: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(file for file in directory.rglob("*") if file.is_file()):
        digest.update(str(file.relative_to(directory)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(small: Any, tmp_path: Path) -> None:
    """LOG-3, deterministic by seed."""
    for name, seed in (("first", 5), ("second", 5), ("other", 6)):
        Run(small(households=40, days=2, seed=seed, is_hard=True), tmp_path / name).write_month()
    assert _digest(tmp_path / "first") == _digest(tmp_path / "second")
    assert _digest(tmp_path / "first" / "landing") != _digest(tmp_path / "other" / "landing")


def test_the_usual_setting_writes_what_it_always_wrote(small: Any, tmp_path: Path) -> None:
    """LOG-3: figures are compared over months; new cases go to ``--hard``. Packed files are compared unpacked."""
    Run(small(households=30, days=2), tmp_path).write_month()
    digest = hashlib.sha256()
    truth = [tmp_path / "truth" / f"{name}.csv" for name in ("device_household", "household_link", "lease")]
    for file in [*sorted((tmp_path / "landing").rglob("*.jsonl*")), *truth]:
        digest.update(str(file.relative_to(tmp_path)).encode())
        digest.update(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())
    assert digest.hexdigest() == "43af935a00d778b1e6c302072792937a466f03a6b9485f52d3594a27f6467841"


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_hash_seed_of_the_process(tmp_path: Path) -> None:
    """LOG-3: sets and dicts of strings must not decide anything."""
    for hash_seed in ("1", "2"):
        command = [
            sys.executable, "-m", "mediathek", "simulate", "--out", str(tmp_path / hash_seed), "--days", "2",
            "--households", "20", "--videos", "200", "--as-of", "2026-11-24T12:00:00Z",
        ]  # fmt: skip
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True)
    assert _digest(tmp_path / "1") == _digest(tmp_path / "2")


def test_a_rerun_overwrites_its_own_output_and_leaves_nothing_half_written(small: Any, tmp_path: Path) -> None:
    Run(small(households=10, days=1), tmp_path).write_month()
    before = _digest(tmp_path)
    Run(small(households=10, days=1), tmp_path).write_month()
    assert _digest(tmp_path) == before
    assert not list(tmp_path.rglob("*.tmp"))


def test_two_simulations_do_not_mix_in_one_directory(small: Any, tmp_path: Path) -> None:
    Run(small(households=10, days=1), tmp_path)
    with pytest.raises(UserError, match=r"out: .* holds another simulation \(seed 11 instead of 12\)"):
        Run(small(households=10, days=1, seed=12), tmp_path)


def test_options_that_make_no_sense_are_named(small: Any) -> None:
    with pytest.raises(UserError, match="days: 0 is too small"):
        small(days=0)
    with pytest.raises(UserError, match="as-of: has no time zone"):
        small(as_of=small().as_of.replace(tzinfo=None))


def test_no_event_lies_outside_the_month_and_files_hold_the_hour_of_arrival(month: Any, small: Any) -> None:
    scenario: Scenario = small()
    texts = [event["at"] for event in month.whole.values() if event["at"].endswith("Z")]
    assert min(texts) >= "2026-11-20T12:00:00"
    assert max(texts) < "2026-11-24T12:00:00"
    assert scenario.end_ms - scenario.start_ms == 4 * DAY_MS
    folders = sorted(folder.name for folder in (month.directory / "landing" / "events").iterdir())
    assert folders == ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]


def test_a_late_event_comes_in_a_later_file_than_the_hour_it_happened_in(month: Any) -> None:
    """Contract: `at` may arrive hours late."""
    late = 0
    for file in (month.directory / "landing" / "events" / "2026-11-22").glob("20.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            late += '"at":"2026-11-22T1' in line and "Z" in line.split('"at":"')[1][:25]
    assert late > 0


def test_the_expected_counts_are_what_lies_in_the_files(month: Any) -> None:
    """LOG-4: what ingestion will be checked against."""
    import json

    expected = json.loads((month.directory / "truth" / "expected.json").read_text(encoding="utf-8"))
    assert expected["accepted"] == len(month.whole)
    assert expected["repeated"] == month.repeated_count
    assert expected["broken"]["not_json"] + expected["torn"] == month.not_json_count
    assert sum(expected["broken"].values()) - expected["broken"]["not_json"] == len(month.broken)
    assert month.repeated_count > 0
    assert expected["torn"] > 0
