"""NV-M2: viewers call the API and do what they do; logs, ingestion, dbt and the read-out find it out."""

from pathlib import Path
from typing import Any

import pytest

from core.contracts import exports
from core.paths import Paths
from core.storage import read_rows
from tests.closed_loop import Scenario, run

pytestmark = pytest.mark.slow  # dbt
SCENARIO = Scenario(devices=160, days=5, follow={"as_it_is": 0.1, "more_alike": 0.9}, seed=21)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Home and read-out; the same numbers in every run."""
    home = tmp_path_factory.mktemp("loop")
    return home, run(home, SCENARIO)


def test_a_known_effect_of_viewers_who_call_the_api_is_found(loop: tuple[Path, Any]) -> None:
    _, found = loop
    band = found.contrasts[0].relative
    assert SCENARIO.true_effect == pytest.approx(0.727, abs=0.001)
    assert band.low is not None
    assert band.low < SCENARIO.true_effect < band.high
    assert found.status == "better"
    assert found.checks.broken == ()
    assert sum(arm.unit_count for arm in found.arms) <= SCENARIO.devices


def test_what_was_followed_shows_by_arm_in_the_report_that_dbt_makes(loop: tuple[Path, Any]) -> None:
    """The same recommendations and the same attribution, worked out once by dbt and once by the read-out."""
    home, found = loop
    rows = read_rows(
        Paths(home / "var").export(exports.RPT_VIEWING_VOLUME),
        "select arm, sum(recommendation_count) as shown, sum(attributed_watched_s) as followed from rows"
        " where arm is not null group by arm",
    )
    by_arm = {row["arm"]: row for row in rows}
    for arm in found.arms:
        assert int(by_arm[arm.arm]["shown"]) == arm.recommendation_count
        assert 0 < float(by_arm[arm.arm]["followed"]) < arm.total_seconds
    assert by_arm["more_alike"]["followed"] > 4 * by_arm["as_it_is"]["followed"]
