"""The read-out of one experiment: figures and plain words for people. Nothing in the platform acts on it (NV-T6)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.algorithms.experiments import Experiment, load_experiments
from core.errors import UserError
from core.json_form import json_form
from core.settings import Settings
from core.storage import write_text
from monitoring.experiments.comparison import (
    MIN_UNITS,
    Interval,
    SampleRatio,
    difference,
    mean,
    relative_difference,
    sample_ratio,
)
from monitoring.experiments.units import Units, read_units
from monitoring.experiments.wording import verdict


@dataclass(frozen=True)
class ArmReadout:
    """One arm: viewing volume in seconds a unit, with its 95 % interval."""

    arm: str
    share: float
    unit_count: int
    recommendation_count: int
    seconds_per_unit: float
    low: float | None
    high: float | None
    total_seconds: float


@dataclass(frozen=True)
class Contrast:
    """An arm against the control: seconds a unit, and relative to the control's mean."""

    arm: str
    control: str
    seconds_per_unit: Interval
    relative: Interval


@dataclass(frozen=True)
class Readout:
    """What ``readout.json`` holds."""

    name: str
    version: int
    as_of: datetime
    status: str
    """``blocked``, ``too_few``, ``running``, ``better``, ``worse`` or ``no_difference`` (of the first arm)."""
    verdict_de: str
    verdict_en: str
    arms: tuple[ArmReadout, ...]
    contrasts: tuple[Contrast, ...]
    sample_ratio: SampleRatio
    mixed_unit_count: int


def path(settings: Settings, name: str) -> Path:
    """Where the newest read-out of an experiment lies."""
    return settings.paths.reports / "experiments" / name / "readout.json"


def find(settings: Settings, name: str) -> Experiment:
    """Return an experiment by name.

    Raises:
        UserError: there is none; the message lists those there are.
    """
    known = load_experiments(settings.config / "experiments")
    for experiment in known:
        if experiment.name == name:
            return experiment
    names = ", ".join(each.name for each in known) or "none"
    raise UserError(f"experiment: '{name}' is unknown; there is: {names}")


def read_out(settings: Settings, experiment: Experiment, as_of: datetime) -> Readout:
    """Compare the arms, write ``readout.json``, and return it."""
    units = read_units(settings, experiment, as_of)
    ratio = sample_ratio(
        [len(units.seconds[arm.name]) for arm in experiment.arms], [arm.share for arm in experiment.arms]
    )
    contrasts = tuple(_contrast(units, arm.name, experiment.control.name) for arm in experiment.arms[1:])
    status = _status(experiment, units, ratio, contrasts, as_of)
    words_de, words_en = verdict(experiment, status, contrasts[0].relative, ratio)
    result = Readout(
        name=experiment.name,
        version=experiment.version,
        as_of=as_of.astimezone(UTC),
        status=status,
        verdict_de=words_de,
        verdict_en=words_en,
        arms=tuple(_arm(units, arm.name, arm.share) for arm in experiment.arms),
        contrasts=contrasts,
        sample_ratio=ratio,
        mixed_unit_count=units.mixed_count,
    )
    write_text(path(settings, experiment.name), json.dumps(json_form(result), ensure_ascii=False, indent=1))
    return result


def _arm(units: Units, name: str, share: float) -> ArmReadout:
    seconds = units.seconds[name]
    found = mean(seconds)
    return ArmReadout(
        name,
        share,
        len(seconds),
        units.recommendation_count[name],
        found.value,
        found.low,
        found.high,
        float(seconds.sum()),
    )


def _contrast(units: Units, arm: str, control: str) -> Contrast:
    pair = units.seconds[arm], units.seconds[control]
    return Contrast(arm, control, difference(*pair), relative_difference(*pair))


def _status(
    experiment: Experiment, units: Units, ratio: SampleRatio, contrasts: tuple[Contrast, ...], as_of: datetime
) -> str:
    if ratio.is_broken:
        return "blocked"
    if min(len(seconds) for seconds in units.seconds.values()) < MIN_UNITS:
        return "too_few"
    if as_of < experiment.end:
        return "running"  # a look at every day would find a difference sooner or later where there is none
    interval = contrasts[0].seconds_per_unit
    if interval.low is not None and interval.low > 0:
        return "better"
    if interval.high is not None and interval.high < 0:
        return "worse"
    return "no_difference"
