"""The course of one comparison over the looks: the confidence sequence, the bounds, and what they decide."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring.experiments.bounds import bounds
from monitoring.experiments.confidence_sequence import Mixture, mixture_of, p_value, planned_information, radius
from monitoring.experiments.lift import Lift

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """Relative changes (0.01: one per cent more) and bands, of shape (looks); nan where there is nothing to say."""

    change: Floats
    low: Floats
    """Of the confidence sequence."""
    high: Floats
    bound_low: Floats
    """Of the repeated interval of the group sequential bounds (Jennison and Turnbull 1989)."""
    bound_high: Floats
    decided_at: int | None
    """The first look at which the bound was crossed."""
    p_value: float
    """Always valid: the smallest error at which the confidence sequence has left out no change, at any look."""

    @property
    def decision(self) -> int:
        """1: more, -1: less, 0: undecided."""
        return 0 if self.decided_at is None else (1 if self.change[self.decided_at] > 0 else -1)


@dataclass(frozen=True)
class Plan:
    """What was settled before the start."""

    alpha: float
    power: float
    minimum_effect: float

    def split(self, count: int) -> "Plan":
        """The same with the error shared by so many comparisons (Bonferroni)."""
        return Plan(self.alpha / max(count, 1), self.power, self.minimum_effect)

    @property
    def mixture(self) -> Mixture:
        known = planned_information(float(np.log1p(self.minimum_effect)), self.alpha, self.power)
        return mixture_of(known, self.alpha)


def course(found: Lift, counts: Floats, fractions: Floats, plan: Plan, min_units: int) -> Course:
    """Follow a comparison over its looks.

    Args:
        found: of shape (looks).
        counts: units of the smaller arm, of shape (looks); fewer than ``min_units`` say nothing.
        fractions: of the planned time (0..1), of shape (looks).
        plan: error, power and the effect that matters.
    """
    enough = (counts >= min_units) & np.isfinite(found.standard_error)
    log_ratio = np.where(enough, found.log_ratio, np.nan)
    error = np.where(enough, found.standard_error, np.nan)
    reach = radius(error, plan.alpha, plan.mixture)
    limits = bounds(1 / error**2, fractions, plan.alpha)
    crossed = np.flatnonzero(np.abs(np.nan_to_num(log_ratio / error)) > limits)
    always = p_value(log_ratio / error, error, plan.mixture)
    half = np.where(np.isfinite(limits), limits * error, np.nan)  # no bound yet: no interval either
    with np.errstate(over="ignore", invalid="ignore"):
        return Course(
            np.expm1(log_ratio),
            np.expm1(log_ratio - reach),
            np.expm1(log_ratio + reach),
            np.expm1(log_ratio - half),
            np.expm1(log_ratio + half),
            int(crossed[0]) if len(crossed) else None,
            float(np.nanmin(always)) if enough.any() else 1.0,
        )
