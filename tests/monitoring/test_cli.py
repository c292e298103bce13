"""``mediathek quality``, ``reports`` and ``experiments``: JSON on standard output, one line for a user's mistake."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def mediathek(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, "MEDIATHEK_HOME": str(home)}
    command = [sys.executable, str(ROOT / "mediathek.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environ, cwd=ROOT, timeout=300)


def test_experiments_are_listed_as_json_and_as_lines(settings: Settings) -> None:
    done = mediathek(settings.home, "experiments", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert [each["name"] for each in json.loads(done.stdout)] == ["next_video_blend"]
    assert "control 50%" in mediathek(settings.home, "experiments", "list").stdout


def test_an_unknown_experiment_suite_or_report_is_one_line_and_exit_code_2(settings: Settings) -> None:
    for arguments in (("experiments", "readout", "nope"), ("quality", "nope"), ("reports", "nope")):
        done = mediathek(settings.home, *arguments)
        assert done.returncode == 2, arguments
        assert done.stdout == ""
        assert "'nope' is unknown" in done.stderr
        assert "Traceback" not in done.stderr


def test_quality_prints_nothing_but_json_and_a_failed_suite_ends_with_1(lake: Any, settings: Settings) -> None:
    lake.write_lake(settings.paths, [lake.event(number) for number in range(120)])
    done = mediathek(settings.home, "quality", "door", "--json", "--as-of", "2026-05-02T00:00:00Z")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["door"]["suite"] == "door"
    lake.write_lake(settings.paths, [lake.event(number, device_class="toaster") for number in range(120)])
    failed = mediathek(settings.home, "quality", "door", "--json", "--as-of", "2026-05-02T00:00:00Z")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "the device class is a known one: 120 of 120 rows fail" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_reports_without_a_champion_end_with_one_line(settings: Settings) -> None:
    done = mediathek(settings.home, "reports", "bias")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("bias: there is no champion yet; train and promote a model first")
