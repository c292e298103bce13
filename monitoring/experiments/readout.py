"""The read-out of one experiment: figures and plain words for people. Nothing in the platform acts on it (NV-T6)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from core.algorithms.experiments import Experiment, read_experiments
from core.errors import UserError
from core.json_form import json_form
from core.settings import Settings
from core.storage import write_text
from monitoring.experiments.checks import Checks, check
from monitoring.experiments.comparison import MIN_UNITS, SampleRatio, mean
from monitoring.experiments.contrasts import Contrast, Timeline, contrasts_of
from monitoring.experiments.guardrails import GuardrailFigure, guardrail_figures
from monitoring.experiments.looks import ALL_CLASSES, days_at, days_before, look_times, moments
from monitoring.experiments.planning import PlanFigures, plan_figures
from monitoring.experiments.units import Units, read_units
from monitoring.experiments.wording import words

LATEST = timedelta(days=3)
"""Events come at most this late; a read-out after the end and this is the last word."""


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
class Readout:
    """What ``readout.json`` holds."""

    name: str
    version: int
    as_of: datetime
    start: datetime
    end: datetime
    ends_at: datetime
    status: str
    """``planned``, ``blocked``, ``too_few``, ``running``, ``better``, ``worse`` or ``no_difference`` (first arm)."""
    verdict_de: str
    verdict_en: str
    notes_de: tuple[str, ...]
    """Further sentences: guardrails, device classes, the plan."""
    notes_en: tuple[str, ...]
    attribution_hours: int
    arms: tuple[ArmReadout, ...]
    contrasts: tuple[Contrast, ...]
    sample_ratio: SampleRatio
    checks: Checks
    mixed_unit_count: int
    guardrails: tuple[GuardrailFigure, ...]
    plan: PlanFigures
    looks: tuple[datetime, ...]
    units_by_look: tuple[tuple[int, ...], ...]
    """Of shape (looks, arms)."""


def path(settings: Settings, name: str) -> Path:
    """Where the newest read-out of an experiment lies."""
    return settings.paths.reports / "experiments" / name / "readout.json"


def version_path(settings: Settings, experiment: Experiment) -> Path:
    """Where the newest read-out of one version lies: the record of what was decided, after a later version began."""
    return path(settings, experiment.name).with_name(f"v{experiment.version}.json")


def is_final(settings: Settings, experiment: Experiment, as_of: datetime) -> bool:
    """Whether an experiment was read out after its end and all late events: its logs may be gone since (PRV-4)."""
    try:
        known = json.loads(version_path(settings, experiment).read_text(encoding="utf-8"))
        read_at, ended_at = (datetime.fromisoformat(known[name]) for name in ("as_of", "ends_at"))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(ended_at == experiment.ends_at and read_at >= ended_at + LATEST and as_of >= read_at)


def find(settings: Settings, name: str) -> Experiment:
    """Return an experiment by name.

    Raises:
        UserError: there is none; the message lists those there are. Or its file is wrong; the message says what.
    """
    known, wrong = read_experiments(settings.config / "experiments")
    for experiment in known:
        if experiment.name == name:
            return experiment
    for message in wrong:
        if f"{name}.yaml" in message:
            raise UserError(message)
    names = ", ".join(each.name for each in known) or "none"
    raise UserError(f"experiment: '{name}' is unknown; there is: {names}")


def read_out(settings: Settings, experiment: Experiment, as_of: datetime) -> Readout:
    """Compare the arms, write ``readout.json``, and return it."""
    units = read_units(settings, experiment, as_of)
    timeline = _timeline(experiment, units, as_of)
    checks = check(experiment, units)
    contrasts = contrasts_of(experiment, units, timeline)
    status = _status(experiment, checks, timeline, contrasts, as_of)
    guardrails = guardrail_figures(settings, experiment, units, as_of)
    plan = plan_figures(settings, experiment, as_of)
    said = words(experiment, status, checks, contrasts, guardrails, plan)
    counts = timeline.moments.count[:, ALL_CLASSES]
    result = Readout(
        name=experiment.name,
        version=experiment.version,
        as_of=as_of.astimezone(UTC),
        start=experiment.start.astimezone(UTC),
        end=experiment.end.astimezone(UTC),
        ends_at=experiment.ends_at.astimezone(UTC),
        status=status,
        verdict_de=said.verdict["de"],
        verdict_en=said.verdict["en"],
        notes_de=tuple(note["de"] for note in said.notes),
        notes_en=tuple(note["en"] for note in said.notes),
        attribution_hours=experiment.attribution_hours or settings.next_video.volume_attribution_hours,
        arms=tuple(_arm(experiment, units, place) for place in range(len(experiment.arms))),
        contrasts=contrasts,
        sample_ratio=checks.sample_ratio,
        checks=checks,
        mixed_unit_count=units.mixed_count,
        guardrails=guardrails,
        plan=plan,
        looks=timeline.times,
        units_by_look=tuple(tuple(int(each) for each in look) for look in counts),
    )
    text = json.dumps(json_form(result), ensure_ascii=False, indent=1)
    write_text(version_path(settings, experiment), text)
    write_text(path(settings, experiment.name), text)
    return result


def _timeline(experiment: Experiment, units: Units, as_of: datetime) -> Timeline:
    """The looks, and between them the last days and the moment itself, which only show and decide nothing.

    Between two looks the fraction of the planned time stands still, so that no error may be spent there.
    """
    looks = look_times(experiment, as_of)
    until = min(as_of, experiment.ends_at).astimezone(UTC)
    times = sorted({*looks, *days_before(experiment, until), until})
    planned = (experiment.end - experiment.start).total_seconds()
    at_looks = np.array([(time - experiment.start).total_seconds() / planned for time in looks])
    reached = np.searchsorted(
        np.array([look.timestamp() for look in looks]), [time.timestamp() for time in times], "right"
    )
    found = moments(units, len(experiment.arms), days_at(experiment, times))
    return Timeline(tuple(times), np.concatenate([[0.0], at_looks])[reached], found)


def _arm(experiment: Experiment, units: Units, place: int) -> ArmReadout:
    mine = units.arm == place
    seconds = np.bincount(units.played_unit, units.played_s, minlength=units.count)[mine]
    found = mean(seconds)
    return ArmReadout(
        arm=experiment.arms[place].name,
        share=experiment.arms[place].share,
        unit_count=int(mine.sum()),
        recommendation_count=units.recommendation_count[place],
        seconds_per_unit=found.value,
        low=found.low,
        high=found.high,
        total_seconds=float(seconds.sum()),
    )


def _status(
    experiment: Experiment, checks: Checks, timeline: Timeline, contrasts: tuple[Contrast, ...], as_of: datetime
) -> str:
    if as_of < experiment.start:
        return "planned"
    if checks.is_broken:
        return "blocked"
    if timeline.moments.count[-1, ALL_CLASSES].min() < MIN_UNITS:
        return "too_few"
    if contrasts[0].status != "undecided":
        return contrasts[0].status
    return "running" if as_of < experiment.ends_at else "no_difference"
