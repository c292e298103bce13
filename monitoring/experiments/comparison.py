"""The statistics of a read-out: means with intervals, Welch's test (1947), the sample-ratio check (Fabijan 2019)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.float64]
CONFIDENCE = 0.95
MIN_UNITS = 30
"""Fewer units in an arm say nothing about a mean of such long-tailed values."""
SAMPLE_RATIO_P = 0.001
"""Counts of units this unlikely under the experiment's shares mean that something is broken."""


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
    """A value and its 95 % interval; bounds are None where there are too few units for one."""

    value: float
    low: float | None
    high: float | None


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


def difference(arm: Seconds, control: Seconds) -> Interval:
    """Mean of the arm minus mean of the control, with Welch's interval."""
    from scipy.stats import ttest_ind

    if min(len(arm), len(control)) < 2 or (arm.std() == 0 and control.std() == 0):
        return Interval(float(arm.mean() - control.mean()) if len(arm) and len(control) else 0.0, None, None)
    interval = ttest_ind(arm, control, equal_var=False).confidence_interval(CONFIDENCE)
    return Interval(float(arm.mean() - control.mean()), float(interval.low), float(interval.high))


def relative_difference(arm: Seconds, control: Seconds) -> Interval:
    """Ratio of the means minus 1; variance by the delta method (Deng 2018), interval by the normal distribution."""
    from scipy.stats import norm

    if min(len(arm), len(control)) < 2 or control.mean() == 0:
        return Interval(0.0, None, None)
    ratio = arm.mean() / control.mean()
    variance = (arm.var(ddof=1) / len(arm) + ratio**2 * control.var(ddof=1) / len(control)) / control.mean() ** 2
    reach = float(norm.ppf((1 + CONFIDENCE) / 2)) * float(np.sqrt(variance))
    return Interval(float(ratio - 1), float(ratio - 1 - reach), float(ratio - 1 + reach))
