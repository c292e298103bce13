"""Every arm against the control: over the days, by device class, and what else is known of it."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from core.algorithms.experiments import Experiment
from core.domain import DEVICE_CLASSES
from monitoring.experiments.comparison import MIN_UNITS, Interval, difference, ratio_difference
from monitoring.experiments.lift import Moments, lift
from monitoring.experiments.looks import ALL_CLASSES, pick
from monitoring.experiments.sequential import Course, Plan, course
from monitoring.experiments.units import Units

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """The looks of a read-out; the last may be the moment itself, at which nothing is decided."""

    times: tuple[datetime, ...]
    fractions: Floats
    moments: Moments
    """Of shape (looks, classes + all, arms)."""


@dataclass(frozen=True)
class ClassContrast:
    """One device class of a contrast; its band holds at all looks and for all classes together."""

    device_class: str
    unit_count: int
    relative: Interval
    p_adjusted: float
    """Always valid, after Holm over the classes of all arms."""
    is_shown: bool
    """Whether a difference is shown, all classes and looks considered."""


@dataclass(frozen=True)
class Contrast:
    """An arm against the control. Changes are relative to the control's mean: 0.01 is one per cent more."""

    arm: str
    control: str
    status: str
    """``better``, ``worse``, or ``undecided``."""
    decided_at: datetime | None
    at_decision: Interval | None
    """By the group sequential bounds, at the look that decided, else at the last one."""
    relative: Interval
    """Now, with the band of the confidence sequence: it holds however often one looks."""
    p_value: float
    """Always valid."""
    seconds_per_unit: Interval
    """Difference of means with CUPED, with the interval of a single look (tea-tasting)."""
    relative_single_look: Interval
    variance_removed: float
    """Share of the variance that the month before explains (CUPED)."""
    followed_per_recommendation: Interval
    """Seconds of recommended videos for each recommendation shown, difference by the delta method."""
    classes: tuple[ClassContrast, ...]
    band: dict[str, list[float | None]]
    """Over the looks: ``change``, ``low``, ``high`` (confidence sequence), ``bound_low``, ``bound_high``."""


def contrasts_of(experiment: Experiment, units: Units, timeline: Timeline) -> tuple[Contrast, ...]:
    """Compare every arm with the control; error is shared over the arms."""
    count = len(experiment.arms) - 1
    plan = Plan(experiment.alpha, experiment.power, experiment.minimum_effect).split(count)
    classes = _by_class(experiment, timeline)
    return tuple(
        _contrast(experiment, units, timeline, plan, arm, tuple(classes.get(arm, []))) for arm in range(1, count + 1)
    )


def _course(timeline: Timeline, plan: Plan, device_class: int, arm: int) -> tuple[Course, Moments, Moments, Floats]:
    sides = [pick(timeline.moments, device_class, place) for place in (arm, 0)]
    counts = np.minimum(sides[0].count, sides[1].count)
    found = lift(sides[0], sides[1])
    return course(found, counts, timeline.fractions, plan, MIN_UNITS), sides[0], sides[1], found.variance_removed


def _contrast(
    experiment: Experiment, units: Units, timeline: Timeline, plan: Plan, arm: int, classes: tuple[ClassContrast, ...]
) -> Contrast:
    found, side, control, removed = _course(timeline, plan, ALL_CLASSES, arm)
    absolute, relative = difference(_last(side), _last(control))
    mine, other = units.arm == arm, units.arm == 0
    ratio = ratio_difference(
        (units.followed_s[mine], units.followed_s[other]), (units.shown_count[mine], units.shown_count[other])
    )
    decided = found.decided_at
    names = ("change", "low", "high", "bound_low", "bound_high")
    return Contrast(
        arm=experiment.arms[arm].name,
        control=experiment.control.name,
        status={1: "better", -1: "worse", 0: "undecided"}[found.decision],
        decided_at=None if decided is None else timeline.times[decided],
        at_decision=_at_bound(found),
        relative=_interval(found.change[-1], found.low[-1], found.high[-1]),
        p_value=found.p_value,
        seconds_per_unit=absolute,
        relative_single_look=relative,
        variance_removed=float(removed[-1]),
        followed_per_recommendation=ratio.difference,
        classes=classes,
        band={name: [_plain(value) for value in getattr(found, name)] for name in names},
    )


def _at_bound(found: Course) -> Interval | None:
    """The repeated interval where it was decided, else at the last look that had a bound."""
    known = np.flatnonzero(np.isfinite(found.bound_low) & np.isfinite(found.bound_high))
    if not len(known):
        return None
    look = found.decided_at if found.decided_at is not None else known[-1]
    return _interval(found.change[look], found.bound_low[look], found.bound_high[look])


def _by_class(experiment: Experiment, timeline: Timeline) -> dict[int, list[ClassContrast]]:
    """Device classes with enough units; bands share the error, p-values are corrected after Holm."""
    from statsmodels.stats.multitest import multipletests

    counts = timeline.moments.count[-1]
    pairs = [
        (arm, place)
        for arm in range(1, len(experiment.arms))
        for place in range(len(DEVICE_CLASSES))
        if min(counts[place, arm], counts[place, 0]) >= MIN_UNITS
    ]
    if not pairs:
        return {}
    plan = Plan(experiment.alpha, experiment.power, experiment.minimum_effect).split(len(pairs))
    courses = [_course(timeline, plan, place, arm)[0] for arm, place in pairs]
    adjusted = multipletests([each.p_value for each in courses], alpha=experiment.alpha, method="holm")[1]
    found: dict[int, list[ClassContrast]] = {}
    for (arm, place), each, p_value in zip(pairs, courses, adjusted, strict=True):
        relative = _interval(each.change[-1], each.low[-1], each.high[-1])
        total = int(counts[place, arm] + counts[place, 0])
        one = ClassContrast(DEVICE_CLASSES[place], total, relative, float(p_value), bool(p_value < experiment.alpha))
        found.setdefault(arm, []).append(one)
    return found


def _last(side: Moments) -> Moments:
    return Moments(side.count[-1], side.y[-1], side.x[-1], side.yy[-1], side.xx[-1], side.xy[-1])


def _interval(value: float, low: float, high: float) -> Interval:
    return Interval(_plain(value) or 0.0, _plain(low), _plain(high))


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
