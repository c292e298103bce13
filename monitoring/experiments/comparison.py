"""Figures of a single look, by tea-tasting and scipy: means, CUPED, the delta method for ratios, sample ratios."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from monitoring.experiments.lift import Moments

if TYPE_CHECKING:
    from tea_tasting.aggr import Aggregates
    from tea_tasting.metrics.mean import MeanResult

Seconds = npt.NDArray[np.float64]
CONFIDENCE = 0.95
MIN_UNITS = 30
"""Fewer units in an arm say nothing about a mean of such long-tailed values."""
SAMPLE_RATIO_P = 0.001
"""Counts of units this unlikely under the experiment's shares mean that something is broken (Fabijan 2019)."""
_NORMAL_REACH = 1.959963984540054


@dataclass(frozen=True)
class SampleRatio:
    """Whether the arms got the shares of units that the experiment gives them."""

    expected: tuple[float, ...]
    observed: tuple[int, ...]
    p_value: float | None
    """None without units."""

    @property
    def is_broken(self) -> bool:
        return self.p_value is not None and self.p_value < SAMPLE_RATIO_P


@dataclass(frozen=True)
class Interval:
    """A value and its interval; bounds are None where there are too few units for one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Ratios:
    """A difference of ratios, and its standard error (not a number where there is none)."""

    difference: Interval
    standard_error: float


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> SampleRatio:
    """Chi-square test of counts against shares."""
    from scipy.stats import chisquare

    total = sum(counts)
    expected = tuple(share * total for share in shares)
    p_value = float(chisquare(counts, expected).pvalue) if total else None
    return SampleRatio(expected, tuple(counts), p_value)


def mean(values: Seconds) -> Interval:
    """Mean with Student's interval."""
    from scipy.stats import ttest_1samp

    if len(values) < 2:
        return Interval(float(values.mean()) if len(values) else 0.0, None, None)
    interval = ttest_1samp(values, 0.0).confidence_interval(CONFIDENCE)
    return Interval(float(values.mean()), float(interval.low), float(interval.high))


def difference(arm: Moments, control: Moments) -> tuple[Interval, Interval]:
    """Difference of means with CUPED, and the same relative to the control's mean, as at a single look."""
    from tea_tasting import Mean

    if not _can_compare(arm, control):
        nothing = Interval(0.0, None, None)
        return nothing, nothing
    found = Mean("y", "x").analyze_aggregates(_aggregates(control), _aggregates(arm))
    return _absolute(found), _relative(found)


def ratio_difference(numerators: tuple[Seconds, Seconds], denominators: tuple[Seconds, Seconds]) -> Ratios:
    """Compare two ratios of sums over units by the delta method: units, not single answers, are independent.

    Args:
        numerators: of the arm's units and of the control's, one value a unit.
        denominators: the same units' counts that the ratio is taken by.
    """
    sides = [_aggregates_of(above, below) for above, below in zip(numerators, denominators, strict=True)]
    if any(side.count() < 2 or side.mean("b") == 0 for side in sides):
        return Ratios(Interval(0.0, None, None), float("nan"))
    ratios = [side.mean("a") / side.mean("b") for side in sides]
    error = float(np.sqrt(sum(max(side.ratio_var("a", "b"), 0.0) / side.count() for side in sides)))
    value, reach = float(ratios[0] - ratios[1]), _NORMAL_REACH * error
    return Ratios(Interval(value, value - reach, value + reach), error)


def _can_compare(arm: Moments, control: Moments) -> bool:
    enough = min(float(arm.count), float(control.count)) >= 2 and float(control.y) > 0 and float(arm.y) > 0
    return enough and float(arm.variance(arm.yy, arm.y) + control.variance(control.yy, control.y)) > 0


def _aggregates(side: Moments) -> "Aggregates":
    from tea_tasting.aggr import Aggregates

    count = float(side.count)
    return Aggregates(
        count_=int(count),
        mean_={"y": float(side.y) / count, "x": float(side.x) / count},
        var_={"y": float(side.variance(side.yy, side.y)), "x": float(side.variance(side.xx, side.x))},
        cov_={("x", "y"): float(side.covariance(side.xy, side.x, side.y))},
    )


def _aggregates_of(numerators: Seconds, denominators: Seconds) -> "Aggregates":
    from tea_tasting.aggr import Aggregates

    count = len(numerators)
    if count < 2:
        return Aggregates(count_=count, mean_={"a": 0.0, "b": 0.0}, var_={}, cov_={})
    spread = np.cov(numerators, denominators)
    return Aggregates(
        count_=count,
        mean_={"a": float(numerators.mean()), "b": float(denominators.mean())},
        var_={"a": float(spread[0, 0]), "b": float(spread[1, 1])},
        cov_={("a", "b"): float(spread[0, 1])},
    )


def _absolute(found: "MeanResult") -> Interval:
    return Interval(float(found.effect_size), float(found.effect_size_ci_lower), float(found.effect_size_ci_upper))


def _relative(found: "MeanResult") -> Interval:
    return Interval(
        float(found.rel_effect_size), float(found.rel_effect_size_ci_lower), float(found.rel_effect_size_ci_upper)
    )
