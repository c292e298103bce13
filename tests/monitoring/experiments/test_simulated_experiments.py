"""NV-M2, proof by simulation: false alarms with daily looks, power as computed, intervals that cover, CUPED.

Viewers as in ``viewers.py``: habits of long tails, days that differ, devices that join over the weeks. Every figure is
one of 1,000 experiments with a fixed seed; the standard error of a share of 5 % is 0.7 %.
"""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from monitoring.experiments.comparison import difference, ratio_difference
from monitoring.experiments.lift import Lift, Moments, lift, moments_of
from monitoring.experiments.planning import minimum_detectable, power_of
from monitoring.experiments.sequential import Course, Plan, course

pytestmark = pytest.mark.slow
COUNT = 1000
EFFECT = 0.15
PLAN = Plan(alpha=0.05, power=0.8, minimum_effect=EFFECT)
MIN_UNITS = 30
Z = 1.959963984540054


@pytest.fixture(scope="module")
def same(viewers: ModuleType) -> Any:
    """A/A: nothing differs."""
    return viewers.make(seed=1, experiments=COUNT)


@pytest.fixture(scope="module")
def different(viewers: ModuleType) -> Any:
    """A known effect."""
    return viewers.make(seed=2, experiments=COUNT, effect=EFFECT)


def crossed(made: Any, truth: float = 0.0) -> list[Course]:
    """Courses of the experiments in which any bound can be crossed at all, against the truth: no bound is below 1.96."""
    log_ratio = made.found.log_ratio - np.log1p(truth)
    z = np.where(made.counts >= MIN_UNITS, np.abs(log_ratio / made.found.standard_error), 0.0)
    return [
        course(
            Lift(log_ratio[place], made.found.standard_error[place], made.found.variance_removed[place]),
            made.counts[place],
            made.fractions,
            PLAN,
            MIN_UNITS,
        )
        for place in np.flatnonzero((z > 1.95).any(axis=1))
    ]


def test_a_a_gives_at_most_five_per_cent_false_alarms_with_daily_looks_and_a_plain_z_test_nearly_thirty(
    same: Any,
) -> None:
    found = crossed(same)
    by_bound = sum(each.decided_at is not None for each in found) / COUNT
    by_band = sum(each.p_value <= PLAN.alpha for each in found) / COUNT
    plain = np.mean(((np.abs(same.found.z) > Z) & (same.counts >= MIN_UNITS)).any(axis=1))
    assert by_bound <= 0.05
    assert by_band <= 0.02
    assert 0.25 < plain < 0.40
    at_the_end = np.mean(np.abs(same.found.z[:, -1]) > Z)
    assert at_the_end == pytest.approx(0.05, abs=0.02)  # a plain test is right where it looks once


def test_bands_and_intervals_hold_the_truth_as_often_as_stated(different: Any) -> None:
    """At all looks at once, with a true effect; without one it is the test before."""
    missed = crossed(different, EFFECT)
    outside = [np.any((each.low > 0) | (each.high < 0)) for each in missed]
    outside_bounds = [np.any((each.bound_low > 0) | (each.bound_high < 0)) for each in missed]
    assert sum(outside) / COUNT <= 0.05
    assert sum(outside_bounds) / COUNT <= 0.05 + 0.014
    last, error = different.found.log_ratio[:, -1], different.found.standard_error[:, -1]
    assert np.mean(np.abs(last - np.log1p(EFFECT)) < Z * error) == pytest.approx(0.95, abs=0.02)


def test_power_is_as_computed_before_the_start(same: Any, different: Any) -> None:
    """Computed from the A/A's standard error at the end, met by experiments with the effect."""
    error = float(same.found.standard_error[:, -1].mean())
    computed = power_of(error, len(same.fractions), PLAN.alpha, float(np.log1p(EFFECT)))
    found = crossed(different)
    assert sum(each.decision == 1 for each in found) / COUNT == pytest.approx(computed, abs=0.05)
    assert sum(each.decision == -1 for each in found) / COUNT < 0.002
    detectable = minimum_detectable(error, len(same.fractions), PLAN.alpha, 0.8)
    assert detectable is not None
    assert power_of(error, len(same.fractions), PLAN.alpha, float(np.log1p(detectable))) == pytest.approx(0.8, abs=1e-3)


def test_cuped_removes_what_the_month_before_explains_and_moves_no_estimate(viewers: ModuleType, same: Any) -> None:
    without = viewers.make(seed=1, experiments=COUNT, is_adjusted=False)
    assert same.found.variance_removed[:, -1].mean() > 0.6
    ratio = same.found.standard_error[:, -1].mean() / without.found.standard_error[:, -1].mean()
    assert ratio < 0.6
    assert same.found.log_ratio[:, -1].mean() == pytest.approx(0.0, abs=0.006)


def test_the_sequential_estimate_is_tea_tasting_s() -> None:
    """The same figures by the library and by the arrays that the looks are made of."""
    rng = np.random.default_rng(3)
    for _ in range(5):
        sides = []
        for scale in (1.0, 1.3):
            x = rng.gamma(2, 100, 400)
            sides.append(moments_of(scale * (0.5 * x + rng.gamma(1, 50, 400)), x))
        control, arm = sides
        mine = lift(arm, control)
        absolute, relative = difference(arm, control)
        assert relative.value == pytest.approx(float(np.expm1(mine.log_ratio)), rel=1e-9)
        assert relative.low is not None
        reach = np.log1p(relative.value) - np.log1p(relative.low)
        assert reach == pytest.approx(Z * float(mine.standard_error), rel=0.01)  # Student's against the normal
        assert absolute.low is not None
        assert absolute.low < absolute.value


def test_ratios_are_judged_by_units_as_the_delta_method_says() -> None:
    """Viewers with many answers hide many: a test that took answers for independent would be wrong in every third."""
    rng = np.random.default_rng(4)
    hits = naive = 0
    for _ in range(400):
        sides = []
        for _ in range(2):
            asked = 1 + rng.poisson(20, 300).astype(float)
            hidden = rng.binomial(asked.astype(int), rng.beta(1, 4, 300)).astype(float)
            sides.append((hidden, asked))
        (above, below), (other, under) = sides
        found = ratio_difference((above, other), (below, under)).difference
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0 <= found.high
        share = (above.sum() + other.sum()) / (below.sum() + under.sum())
        error = np.sqrt(share * (1 - share) * (1 / below.sum() + 1 / under.sum()))
        naive += abs(found.value) > Z * error
    assert hits / 400 == pytest.approx(0.95, abs=0.03)
    assert naive / 400 > 0.2


def test_an_arm_without_units_or_viewing_says_nothing() -> None:
    nothing = Moments(*(np.zeros(3) for _ in range(6)))
    found = course(lift(nothing, nothing), np.zeros(3), np.array([0.3, 0.6, 1.0]), PLAN, MIN_UNITS)
    assert found.decided_at is None
    assert found.p_value == 1.0
    assert np.isnan(found.change).all()
