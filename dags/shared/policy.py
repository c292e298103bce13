"""What every DAG keeps to; tests/dags/test_policy.py holds them to it."""

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable

OWNER = "mediathek-ml"
SEVERITY = ("severity:high", "severity:medium", "severity:low")
"""How bad it is when it fails. high: wake somebody; medium: today; low: this week. Exactly one each."""
SUBJECTS = ("data", "next_video", "households", "ad_detection", "monitoring", "privacy")
WAREHOUSE_POOL = "warehouse"
"""One slot: one process may write the DuckDB file, and whoever reads it meanwhile fails."""


def arguments(doc: str | None, *, severity: str, subjects: tuple[str, ...]) -> dict[str, Any]:
    """What a DAG passes to ``@dag`` beside its schedule; ``doc`` is its module's docstring."""
    return {
        "doc_md": doc,
        "tags": [f"severity:{severity}", *subjects],
        "catchup": False,  # every run takes all that is there: runs missed while the machine was off owe nothing
        "max_active_runs": 1,
        "max_active_tasks": 2,
        "dagrun_timeout": timedelta(hours=3),
        "default_args": {
            "owner": OWNER,
            "retries": 2,  # a killed process is tried again; a user's mistake or a failed suite is not (run_stage)
            "retry_delay": timedelta(seconds=30),
            "execution_timeout": timedelta(hours=1),
        },
    }


def every(cron: str, covers: timedelta) -> CronTriggerTimetable:
    """Run at these times (UTC), each run with the interval ``covers`` before it, the first one not before its time."""
    return CronTriggerTimetable(cron, timezone="UTC", interval=covers, run_immediately=timedelta(0))
