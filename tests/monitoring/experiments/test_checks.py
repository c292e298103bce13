"""NV-M2: a broken assignment is caught, and chance is not taken for one."""

from typing import Any

import numpy as np
import pytest

from core.algorithms.experiments import Experiment, position_of
from monitoring.experiments.checks import check
from monitoring.experiments.units import Units, empty

pytestmark = pytest.mark.slow  # statsmodels takes a while to import
COUNT = 20_000


def experiment(**changes: Any) -> Experiment:
    arms = [{"name": "control", "share": 0.5}, {"name": "treatment", "share": 0.5}]
    return Experiment.model_validate(
        {
            "name": "blend", "version": 1, "use_case": "next-video", "owner": "me", "hypothesis": "more",
            "start": "2026-05-01T00:00:00Z", "end": "2026-06-01T00:00:00Z", "primary_metric": "viewing_volume",
            "arms": arms,
        } | changes
    )  # fmt: skip


def units(arm: Any, device_class: Any = None, **changes: Any) -> Units:
    blank, count = empty(2), len(arm)
    values = {
        **{name: getattr(blank, name) for name in Units.__dataclass_fields__},
        "arm": np.asarray(arm), "first_at": np.zeros(count), "pace": np.zeros(count), "shown_count": np.ones(count),
        "device_class": np.zeros(count, dtype=np.int64) if device_class is None else device_class,
        "overall_s": np.zeros(count), "followed_s": np.zeros(count),
    } | changes  # fmt: skip
    return Units(**values)


def drawn(share: float, salt: str = "salt") -> np.ndarray:
    """Arms by a threshold on the same hash that assigns."""
    return np.array([int(position_of(salt, f"unit-{number}") >= share) for number in range(COUNT)])


def test_the_real_assignment_passes() -> None:
    each = experiment()
    arms = np.array([int(each.arm_of(f"unit-{number}").name == "treatment") for number in range(COUNT)])
    assert check(each, units(arms)).broken == ()


def test_52_to_48_under_a_plan_of_50_to_50_is_caught() -> None:
    found = check(experiment(), units(drawn(0.52)))
    assert found.broken == ("sample_ratio", "sample_ratio_by_class")
    assert found.sample_ratio.p_value is not None
    assert found.sample_ratio.p_value < 1e-4


def test_a_fault_on_one_device_class_is_caught_where_the_total_hides_it() -> None:
    classes = np.arange(COUNT) % 4
    arms = drawn(0.5)
    televisions = np.flatnonzero(classes == 0)
    arms[televisions] = np.arange(len(televisions)) % 10 < 4
    others = np.flatnonzero(classes == 1)
    arms[others] = np.arange(len(others)) % 10 < 6
    found = check(experiment(), units(arms, classes))
    assert found.broken == ("sample_ratio_by_class",)
    assert found.by_class["tv"] < 1e-6
    assert found.by_class["tablet"] > 0.01


@pytest.mark.parametrize(("name", "kind"), [("mixed_count", "mixed"), ("misassigned_count", "misassigned")])
def test_units_that_switch_arms_or_are_in_another_s_are_caught(name: str, kind: str) -> None:
    few, many = COUNT // 1000, COUNT // 20
    assert check(experiment(), units(drawn(0.5), **{name: few})).broken == ()
    assert check(experiment(), units(drawn(0.5), **{name: many})).broken == (kind,)


def test_chance_raises_no_alarm_in_a_thousand_right_assignments_looked_at_28_times() -> None:
    """At p < 0.001 and 28 looks, fewer than two in a hundred."""
    rng = np.random.default_rng(6)
    counts = np.cumsum(rng.binomial(200, 0.5, (1000, 28)), axis=1)
    totals = 200 * np.arange(1, 29)
    z = np.abs(counts - totals / 2) / np.sqrt(totals / 4)
    assert np.mean((z > 3.2905).any(axis=1)) < 0.02
    worst = np.unravel_index(np.argmax(z), z.shape)
    observed = int(counts[worst])
    arms = np.repeat([0, 1], [observed, int(totals[worst[1]]) - observed])
    assert check(experiment(), units(arms)).sample_ratio.is_broken == bool(z[worst] > 3.2905)
