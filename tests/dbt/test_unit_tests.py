"""dbt's own unit tests (windows, thresholds, cases) and the SQL's style, run as CI does."""

import subprocess
import sys
from pathlib import Path

import pytest

from core import warehouse
from core.settings import Settings, child_environment
from core.warehouse.builder import run_dbt
from core.warehouse.lock import exclusive
from core.warehouse.project import PROJECT, environment
from tests.dbt.conftest import NOON

pytestmark = pytest.mark.slow

WANTED = {  # requirement -> the unit test that would fail without it
    "NV-T1": "the_window_holds_its_begin_and_not_its_end",
    "NV-T2": "a_play_is_at_least_35_percent_of_the_video",
    "NV-T3": "content_needs_20_plays_in_the_window",
    "NV-U1": "a_view_is_more_than_30_seconds",
    "NV-M2": "a_playback_counts_for_the_last_recommendation_that_showed_it_within_24_hours",
    "NV-K1": "doubtful_is_serial_video_without_a_number_doubled_or_in_a_season_with_a_gap",
    "OPS-1": "a_feature_sees_its_own_day_and_30_days_back_and_nothing_later",
    "PRV-2": "reports_of_a_playback_merge_whatever_their_order_and_consent_is_kept_per_report",
}


def test_every_unit_test_of_the_project_passes(settings: Settings) -> None:
    """NV-T1, NV-T2, NV-T3, NV-U1, NV-M2, NV-K1, OPS-1, PRV-2."""
    warehouse.build(settings, NOON)
    with exclusive(settings.paths) as lock:
        nodes = run_dbt(settings, ["test", "--select", "test_type:unit"], lock)
    assert {node.status for node in nodes} == {"pass"}
    names = {node.name.rsplit(".", 1)[-1] for node in nodes}
    assert set(WANTED.values()) <= names


def test_the_sql_is_clean_by_sqlfluff(settings: Settings) -> None:
    warehouse.build(settings, NOON)
    done = subprocess.run(
        [str(Path(sys.executable).with_name("sqlfluff")), "lint", "models"],
        cwd=PROJECT, env=child_environment(settings, environment(settings.paths)), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
