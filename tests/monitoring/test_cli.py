"""``mediathek quality``, ``reports`` and ``experiments``: JSON on standard output, one line for a user's mistake."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def mediathek(home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, "MEDIATHEK_HOME": str(home), **more}
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


def test_an_experiment_is_planned_started_and_stopped_by_command(settings: Settings, tmp_path: Path) -> None:
    """NV-M2, NV-T6: one command each; without any logs the plan says that nobody can say."""
    config = tmp_path / "config"
    shutil.copytree(settings.config, config)
    file = config / "experiments" / "next_video_blend.yaml"
    environ = {"MEDIATHEK_CONFIG": str(config)}
    planned = mediathek(settings.home, "experiments", "plan", "next_video_blend", **environ)
    assert planned.returncode == 0, planned.stderr
    assert "no recommendations were shown before the start" in planned.stdout
    at = ("--at", "2026-06-01T08:00:00Z")
    stopped = mediathek(settings.home, "experiments", "stop", "next_video_blend", *at, **environ)
    assert stopped.returncode == 0, stopped.stderr
    assert "stopped: 2026-06-01T08:00:00Z" in file.read_text()
    again = mediathek(settings.home, "experiments", "stop", "next_video_blend", *at, **environ)
    assert (again.returncode, "is over since 2026-06-01" in again.stderr) == (2, True)
    begun = mediathek(
        settings.home, "experiments", "start", "next_video_blend", "--days", "28", "--at", "2026-06-02T00:00:00Z",
        **environ,
    )  # fmt: skip
    assert begun.returncode == 0, begun.stderr
    text = file.read_text()
    assert "version: 2" in text
    assert "end: 2026-06-30T00:00:00Z" in text
