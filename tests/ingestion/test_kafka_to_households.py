"""From a real topic to households: the offset is stored with the state, so kills lose nothing and count nothing twice.

The ledger's commit holds the offsets with the data; the live consumer's checkpoint holds the number of the commit.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.paths import PROJECT_ROOT

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


def test_kills_of_ingestion_and_of_the_live_consumer_end_in_the_households_of_an_undisturbed_run(
    broker: Any, tmp_path: Path
) -> None:
    topic = broker.new_topic(partitions=3)
    script = str(Path(__file__).with_name("kafka_live_killing.py"))
    done = subprocess.run(
        [sys.executable, script, broker.bootstrap, topic, str(tmp_path)],
        cwd=PROJECT_ROOT, env={"PYTHONPATH": str(PROJECT_ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    disturbed, undisturbed = result["disturbed"], result["undisturbed"]
    assert result["killed"] >= 8
    assert disturbed == undisturbed
    assert disturbed["is_in_order"]
    assert disturbed["is_at_head"]
    assert disturbed["offsets"] == result["lines"] > result["distinct"]
    assert (disturbed["events"], disturbed["told"], disturbed["told_twice"]) == (result["distinct"],) * 2 + (0,)
    assert len(disturbed["homes"]) > 1
