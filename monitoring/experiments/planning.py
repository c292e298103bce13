"""Before the start: what an experiment of this length and traffic can find at all."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from core.algorithms.experiments import Experiment
from core.settings import Settings
from monitoring.experiments.bounds import power
from monitoring.experiments.comparison import MIN_UNITS
from monitoring.experiments.lift import lift
from monitoring.experiments.looks import ALL_CLASSES, moments, pick
from monitoring.experiments.units import read_past

Floats = npt.NDArray[np.float64]
LONGEST_PAST_DAYS = 56
_LARGEST = 3.0
"""A log ratio beyond which nobody plans (twenty times as much)."""


@dataclass(frozen=True)
class PlanFigures:
    """The smallest effect found with the planned power, from the past as it would have been split."""

    days: float
    """Planned length."""
    past_days: float
    """Days of the past that this rests on; fewer than planned: the effect found will be smaller than stated."""
    units: tuple[int, ...]
    """By arm."""
    power: float
    minimum_detectable_effect: float | None
    """Relative change of viewing volume a unit; None where the past has too few units to say."""
    power_at_minimum_effect: float | None
    """Chance to find the change that would matter (``minimum_effect``)."""
    variance_removed: float
    """By CUPED: share of the variance that the month before explains."""


def plan_figures(settings: Settings, experiment: Experiment, as_of: datetime) -> PlanFigures:
    """Work out the plan from what was shown and played before ``min(as_of, start)``."""
    days = (experiment.end - experiment.start).total_seconds() / 86400
    before = min(as_of, experiment.start)
    past = min(days, LONGEST_PAST_DAYS)
    units = read_past(settings, experiment, before, past)
    if units.count:
        past = min(past, past - float(units.first_at.min()))
    looks = np.linspace(0, min(days, LONGEST_PAST_DAYS), max(2, round(min(days, LONGEST_PAST_DAYS)) + 1))[1:]
    found_moments = moments(units, len(experiment.arms), looks)
    arms = [pick(found_moments, ALL_CLASSES, place) for place in range(len(experiment.arms))]
    counts = tuple(int(arm.count[-1]) for arm in arms)
    if min(counts) < MIN_UNITS:
        return PlanFigures(days, past, counts, experiment.power, None, None, 0.0)
    found = [lift(arm, arms[0]) for arm in arms[1:]]
    widest = max(found, key=lambda each: float(np.nan_to_num(each.standard_error[-1], nan=np.inf)))
    error = float(widest.standard_error[-1])
    alpha = experiment.alpha / len(found)
    sized = minimum_detectable(error, len(looks), alpha, experiment.power)
    chance = power_of(error, len(looks), alpha, float(np.log1p(experiment.minimum_effect)))
    removed = float(widest.variance_removed[-1])
    return PlanFigures(days, past, counts, experiment.power, sized, chance, removed)


def power_of(error: float, looks: int, alpha: float, log_ratio: float) -> float:
    """Chance to cross a bound where information comes evenly up to one over ``error`` squared."""
    fractions: Floats = np.arange(1, looks + 1) / looks
    return power(fractions / error**2, fractions, alpha, log_ratio)


def minimum_detectable(error: float, looks: int, alpha: float, wanted: float) -> float | None:
    """The relative change found with a chance of ``wanted``; None where there is none of a sensible size."""
    from scipy.optimize import brentq

    if not np.isfinite(error) or power_of(error, looks, alpha, _LARGEST) < wanted:
        return None
    return float(np.expm1(brentq(lambda size: power_of(error, looks, alpha, size) - wanted, 0.0, _LARGEST, xtol=1e-6)))
