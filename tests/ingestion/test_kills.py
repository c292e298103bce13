"""``kill -9`` at any moment and a rerun give the same rows as an undisturbed run (anchors: Keeping data)."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.paths import PROJECT_ROOT

View = Callable[..., dict[str, Any]]
ENTRY = {
    "content_id": "film-1", "kind": "video", "title": "T", "path": "/filme/t", "genre": "fiction",
    "audience": "general", "duration_s": 5400, "published_at": "2026-04-01T00:00:00Z", "playable": True,
    "categories": [], "updated_at": "2026-04-01T00:00:00Z",
}  # fmt: skip


def deliver(landing: Any, view: View, files: int, lines: int) -> None:
    """Some files with good, repeated and broken lines over a few hours: several batches of one megabyte."""
    landing.put("catalogue/a.jsonl", [ENTRY, ENTRY | {"content_id": "film-2"}, "no json"])
    for number in range(files):
        events: list[Any] = [
            view(f"e{number}-{i}", at=f"2026-05-01T{i % 3:02}:{i % 60:02}:00Z", mac=f"3c9a7700{i:04x}")
            for i in range(lines)
        ]
        events += [view(f"e{number}-0"), view(f"bad{number}", device_class="fridge"), "no json"]
        events += [view(f"yes{number}"), view(f"no{number}", at="2026-05-01T13:00:00Z", consent=None)]  # a withdrawal
        landing.put(f"events/{number}.jsonl{'.gz' if number % 3 == 2 else ''}", events)
    landing.put("events/torn.jsonl", [view("whole"), '{"event_id": "torn'], end="")


def killed(landing: Any, tmp_path: Path, *options: str) -> dict[str, Any]:
    (tmp_path / "work").mkdir()
    command = [sys.executable, str(Path(__file__).with_name("killing.py")), str(landing.root), str(tmp_path / "work")]
    done = subprocess.run(
        [*command, *options], cwd=PROJECT_ROOT, env={"PYTHONPATH": str(PROJECT_ROOT)}, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["reference"]["left"] == []
    return result


@pytest.mark.slow
def test_two_hundred_kills_at_random_moments_change_nothing(landing: Any, view: View, tmp_path: Path) -> None:
    deliver(landing, view, files=8, lines=900)
    result = killed(landing, tmp_path, "--kills", "200")
    assert result["killed"] >= 200
    assert [outcome for outcome in result["outcomes"] if outcome != result["reference"]] == []


@pytest.mark.slow
def test_a_kill_at_each_change_of_the_disk_and_another_in_recovery_change_nothing(
    landing: Any, view: View, tmp_path: Path
) -> None:
    deliver(landing, view, files=1, lines=20)
    calls = [str(call) for call in range(1, 96)]  # each change of an undisturbed run
    result = killed(landing, tmp_path, "--calls", *calls)
    assert result["killed"] > len(calls)
    assert [outcome for outcome in result["outcomes"] if outcome != result["reference"]] == []
