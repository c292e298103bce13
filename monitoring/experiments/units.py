"""What every unit was shown and played, as arrays (NV-M2).

A unit is a device or a login with consent (PRV-2) that was shown something by the experiment: serving's decision
records name it, and so do the recommendations in the view logs. Of what it plays, a playback counts if it began at
most ``attribution_hours`` after a recommendation was shown to the unit, whatever was played: a list that only moves
viewing from one video to another gains nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from core.algorithms.experiments import Experiment
from core.domain import DEVICE_CLASSES
from core.settings import Settings
from core.storage import connect
from monitoring.experiments import units_query

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
MONTH_BEFORE = timedelta(days=30)
SECONDS_A_DAY = 86400.0


@dataclass(frozen=True)
class Units:
    """Units in arms, of shape (units) unless told otherwise; those that saw more than one arm are left out."""

    arm: Numbers
    """Place in the experiment's list of arms."""
    device_class: Numbers
    """Place in ``core.domain.DEVICE_CLASSES``, where the unit was first shown something."""
    first_at: Floats
    """Days from the experiment's start to the first recommendation."""
    pace: Floats
    """Seconds a day that the unit played in the month before its first recommendation."""
    shown_count: Floats
    overall_s: Floats
    """All that it played from its first recommendation on."""
    followed_s: Floats
    """Of it: videos that a recommendation had shown to the unit, begun within the window."""
    played_unit: Numbers
    """(playbacks): whose."""
    played_at: Floats
    """(playbacks): days from the experiment's start."""
    played_s: Floats
    """(playbacks): seconds that count."""
    mixed_count: int = 0
    """Units that saw more than one arm."""
    misassigned_count: int = 0
    """Units whose logged arm is not the one that the experiment gives them."""
    recommendation_count: tuple[int, ...] = ()
    """All that were shown, by arm, with and without consent."""

    @property
    def count(self) -> int:
        return len(self.arm)


def empty(arm_count: int) -> Units:
    nothing, none = np.empty(0), np.empty(0, dtype=np.int64)
    return Units(
        none, none, nothing, nothing, nothing, nothing, nothing, none, nothing, nothing,
        recommendation_count=(0,) * arm_count,
    )  # fmt: skip


def read_units(settings: Settings, experiment: Experiment, as_of: datetime) -> Units:
    """Read the log from the experiment's start up to ``as_of`` or its end."""
    until = min(as_of, experiment.ends_at)
    if until <= experiment.start:
        return empty(len(experiment.arms))
    wanted = units_query.Wanted(experiment, _naive(experiment.start), _naive(until))
    names = [arm.name for arm in experiment.arms]
    return _read(settings, wanted, lambda _, arms: np.array([names.index(arm) for arm in arms], dtype=np.int64))


def read_past(settings: Settings, experiment: Experiment, as_of: datetime, days: float) -> Units:
    """Read what would have been the experiment's units in the days before ``as_of``, in the arms they would get."""
    start = as_of - timedelta(days=days)
    wanted = units_query.Wanted(experiment, _naive(start), _naive(as_of), is_past=True)
    within = experiment.model_copy(update={"start": start, "end": as_of, "stopped": None, "ramp": ()})
    places = {arm.name: place for place, arm in enumerate(experiment.arms)}

    def arms_of(units: Sequence[str], _: Sequence[str]) -> Numbers:
        found = (places[within.arm_of(unit).name] if within.takes(unit, start) else -1 for unit in units)
        return np.array(list(found), dtype=np.int64)

    return _read(settings, wanted, arms_of)


def _read(
    settings: Settings, wanted: units_query.Wanted, arms_of: Callable[[Sequence[str], Sequence[str]], Numbers]
) -> Units:
    arm_count = len(wanted.experiment.arms)
    with connect(memory_limit_megabytes=1400) as duck:
        if not units_query.prepare(duck, settings, wanted):
            return empty(arm_count)
        units = duck.execute(units_query.UNITS).fetchnumpy()
        played = duck.execute(units_query.PLAYED).fetchnumpy()
        decided = duck.execute("select distinct unit, arm from shown where is_decision").fetchall()
        counts = dict(duck.execute("select arm, count(*) from told group by arm").fetchall())
    arm = arms_of(units["unit"], units["arm"])
    mixed = units["arm_count"] > 1
    kept = ~mixed & (arm >= 0)
    number = np.cumsum(kept) - 1
    mine = kept[played["unit_number"]]

    def column(name: str) -> Floats:
        return np.asarray(units[name][kept], dtype=np.float64)

    return Units(
        arm=arm[kept],
        device_class=np.array([_class(name) for name in units["device_class"][kept]], dtype=np.int64),
        first_at=_days(units["first_at"][kept], wanted.start),
        pace=column("before_s") / MONTH_BEFORE.days,
        shown_count=column("shown_count"),
        overall_s=column("overall_s"),
        followed_s=column("followed_s"),
        played_unit=number[played["unit_number"][mine]],
        played_at=_days(played["started_at"][mine], wanted.start),
        played_s=np.asarray(played["watched_s"][mine], dtype=np.float64),
        mixed_count=int(mixed.sum()),
        misassigned_count=0
        if wanted.is_past
        else sum(wanted.experiment.arm_of(unit).name != name for unit, name in decided),
        recommendation_count=tuple(int(counts.get(each.name, 0)) for each in wanted.experiment.arms),
    )


def _class(name: str) -> int:
    return DEVICE_CLASSES.index(name) if name in DEVICE_CLASSES else -1


def _days(instants: npt.NDArray[np.datetime64], origin: datetime) -> Floats:
    since = instants.astype("datetime64[us]") - np.datetime64(origin, "us")
    return np.asarray(since / np.timedelta64(1, "us") / 1e6 / SECONDS_A_DAY, dtype=np.float64)


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
