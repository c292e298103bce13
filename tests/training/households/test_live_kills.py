"""``kill -9`` of the live consumer at any moment: nothing is lost, nothing counted twice, no step missing or repeated.

Compared with an undisturbed run are every line of the feed, every row of the artefacts, the position in the ledger, and
every document; through commits, a withdrawal, retention, a batch run's hand-over, and an erasure (HH-1, PRV-2..PRV-4).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from core.paths import PROJECT_ROOT

MEMORY = Path("/dev/shm")
"""Where there is one, homes lie in memory: a kill takes nothing from it, and nobody waits for a disk."""


def killed(*options: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None, prefix="live-kills-") as work:
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("live_killing.py")), work, *options],
            cwd=PROJECT_ROOT, env={"PYTHONPATH": str(PROJECT_ROOT)}, capture_output=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    last = result["references"][-1]
    assert [json.loads(line)["seq"] for line in last["feed"]] == list(range(1, len(last["feed"]) + 1))
    assert {json.loads(line)["cause"] for line in last["feed"]} == {"batch", "refresh", "takeover", "erase"}
    assert (last["left"], last["orders"], last["named"]) == ([], 0, [])
    return result


@pytest.mark.slow
def test_kills_at_random_moments_change_nothing() -> None:
    result = killed("--kills", "30")
    assert result["killed"] >= 30
    assert result["wrong"] == []


@pytest.mark.slow
def test_a_kill_at_each_change_of_the_disk_and_another_in_recovery_change_nothing() -> None:
    """A change is also half of a write: the line of a step is torn then."""
    result = killed("--every-call")
    assert result["killed"] > result["calls"] > 200
    assert result["wrong"] == []
