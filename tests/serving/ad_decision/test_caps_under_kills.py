"""HH-11 with real processes and real kills; ``python -m benchmarks.ad_caps`` does the same with 100,000 decisions."""

import json
import re
import subprocess
import sys

import pytest

from core.paths import PROJECT_ROOT

pytestmark = pytest.mark.slow


def test_no_cap_is_broken_by_concurrent_workers_that_are_killed() -> None:
    """Not per break, not per day, not the gap; nothing answered is lost, nothing counted twice.

    Workers that do not know of each other break them in the same run: what is looked for can be seen.
    """
    command = [sys.executable, "-m", "benchmarks.ad_caps", "--decisions", "1500", "--kills", "3"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    claim = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("claim: "))[7:])
    assert claim["figure"] == "0 breaches in 1500 answers, 3 kills"
    assert claim["is_met"]
    found = re.search(r"([0-9]+) in 1000", claim["baseline"])
    assert found is not None
    assert int(found[1]) > 0
