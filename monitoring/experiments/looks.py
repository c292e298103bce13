"""An experiment day by day: the sums that every look needs, from units and what they played."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from core.algorithms.experiments import Experiment
from core.domain import DEVICE_CLASSES
from monitoring.experiments.lift import Moments
from monitoring.experiments.units import SECONDS_A_DAY, Units

Floats = npt.NDArray[np.float64]
MOST_LOOKS = 100
"""A longer experiment is not looked at every day."""
SHOWN_DAYS = 28
ALL_CLASSES = len(DEVICE_CLASSES)
"""Place of all device classes together on the axis of classes."""


def look_times(experiment: Experiment, as_of: datetime) -> list[datetime]:
    """When the experiment is looked at, until ``as_of``: every midnight (UTC) after its start, and its end.

    Times do not depend on when somebody asks, so that every read-out counts the same looks.
    """
    until = min(as_of, experiment.ends_at).astimezone(UTC)
    start = experiment.start.astimezone(UTC)
    every = max(1, math.ceil((experiment.end - experiment.start) / timedelta(days=1) / MOST_LOOKS))
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    count = max(0, (until - midnight).days // every)
    times = [midnight + timedelta(days=every * number) for number in range(1, count + 1)]
    if as_of >= experiment.ends_at and (not times or times[-1] < until):
        times.append(until)
    return times


def days_before(experiment: Experiment, until: datetime) -> list[datetime]:
    """The last midnights (UTC) up to ``until``: shown where looks are farther apart than days."""
    midnight = until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (midnight - timedelta(days=number) for number in range(SHOWN_DAYS))
    return [day for day in days if day > experiment.start]


def days_at(experiment: Experiment, times: list[datetime]) -> Floats:
    """Days from the start to each time."""
    return np.array([(time - experiment.start).total_seconds() / SECONDS_A_DAY for time in times])


def moments(units: Units, arm_count: int, days: Floats) -> Moments:
    """Sums over the units shown something before each look, of shape (looks, classes + all, arms).

    What is known from before is the pace of the month before, times the days since the first recommendation: what the
    unit would have played had nothing changed.
    """
    shape = (len(days), ALL_CLASSES + 1, arm_count)
    sums = np.zeros((6, *shape))
    so_far = np.zeros(units.count)
    order = np.argsort(units.played_at, kind="stable")
    at, whose, seconds = units.played_at[order], units.played_unit[order], units.played_s[order]
    edges = np.searchsorted(at, days, side="left")
    cell = np.where(units.device_class < 0, ALL_CLASSES, units.device_class) * arm_count + units.arm
    begin = 0
    for look, (day, edge) in enumerate(zip(days, edges, strict=True)):
        so_far += np.bincount(whose[begin:edge], seconds[begin:edge], minlength=units.count)
        begin = edge
        inside = units.first_at < day
        y = so_far[inside]
        x = units.pace[inside] * (day - units.first_at[inside])
        for place, values in enumerate((np.ones_like(y), y, x, y * y, x * x, x * y)):
            found = np.bincount(cell[inside], values, minlength=shape[1] * arm_count)
            sums[place, look] = found.reshape(shape[1], arm_count)
    sums[:, :, ALL_CLASSES] = sums.sum(axis=2)  # a class that is not known counts here only
    return Moments(*sums)


def pick(all_moments: Moments, device_class: int, arm: int) -> Moments:
    """The sums of one class and arm, of shape (looks)."""
    return Moments(
        *(
            values[:, device_class, arm]
            for values in (
                all_moments.count, all_moments.y, all_moments.x, all_moments.yy, all_moments.xx, all_moments.xy,
            )
        )
    )  # fmt: skip
