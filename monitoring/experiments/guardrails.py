"""What must not get worse while viewing volume rises: hidden answers, waiting time, coverage, the kids rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from core.algorithms.experiments import Experiment, Guardrail
from core.contracts import exports
from core.settings import Settings
from core.storage import connect
from monitoring.experiments import units_query
from monitoring.experiments.comparison import Interval, ratio_difference
from monitoring.experiments.confidence_sequence import mixture_of, planned_information, radius
from monitoring.experiments.lift import lift, moments_of
from monitoring.experiments.units import SECONDS_A_DAY, Units

if TYPE_CHECKING:
    import duckdb

MIN_ANSWERS = 100
"""Fewer answers in an arm say nothing about its waiting times or its coverage."""
_GROUPS = 20
_T_QUANTILE = 2.093  # Student's with 19 degrees of freedom, two-sided 95 %
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class GuardrailFigure:
    """One guardrail of one arm."""

    metric: str
    arm: str
    value: float | None
    """A change against the control; of ``p99_ms`` and ``kids_rule`` the arm's own value."""
    low: float | None
    high: float | None
    limit: float
    status: str
    """``holds`` or ``broken`` (both beyond chance), ``open`` (the interval holds the limit), ``unknown`` (no data)."""


@dataclass(frozen=True)
class _Asked:
    """What a guardrail is worked out from."""

    duck: "duckdb.DuckDBPyConnection"
    experiment: Experiment
    units: Units
    days: float
    """Since the start."""
    arm: int


def guardrail_figures(
    settings: Settings, experiment: Experiment, units: Units, as_of: datetime
) -> tuple[GuardrailFigure, ...]:
    """Work out every guardrail of every arm but the control's."""
    until = min(as_of, experiment.ends_at)
    days = (until - experiment.start).total_seconds() / SECONDS_A_DAY
    with connect(memory_limit_megabytes=1000) as duck:
        _read_decisions(duck, settings, experiment, until)
        return tuple(
            _figure(guardrail, _Asked(duck, experiment, units, days, arm))
            for guardrail in experiment.guardrails
            for arm in range(1, len(experiment.arms))
        )


def _figure(guardrail: Guardrail, asked: _Asked) -> GuardrailFigure:
    found = _FIGURES[guardrail.metric](asked, guardrail.limit)
    name = asked.experiment.arms[asked.arm].name
    if found is None or found.low is None or found.high is None:
        return GuardrailFigure(guardrail.metric, name, None, None, None, guardrail.limit, "unknown")
    # coverage and volume must not fall, the others must not rise
    falls = guardrail.metric in ("coverage", "overall_volume")
    worst, best = (-found.low, -found.high) if falls else (found.high, found.low)
    status = "broken" if best > guardrail.limit else "holds" if worst <= guardrail.limit else "open"
    return GuardrailFigure(guardrail.metric, name, found.value, found.low, found.high, guardrail.limit, status)


def _hidden_share(asked: _Asked, limit: float) -> Interval | None:
    """Points of hidden among all answers but next episodes; the band is valid however often one looks."""
    rows = asked.duck.execute(
        "select arm, unit_key, count(*) filter (where \"case\" = 'hidden'), count(*) from answers"
        " where \"case\" <> 'next-episode' and unit_key is not null group by all order by all"
    ).fetchall()
    sides = [
        np.array([row[2:] for row in rows if row[0] == each.name], dtype=np.float64).reshape(-1, 2)
        for each in (asked.experiment.arms[asked.arm], asked.experiment.control)
    ]
    if min(len(side) for side in sides) < 2:
        return None
    found = ratio_difference((sides[0][:, 0], sides[1][:, 0]), (sides[0][:, 1], sides[1][:, 1]))
    return _always(found.difference.value, found.standard_error, max(limit, 0.001), asked.experiment)


def _overall_volume(asked: _Asked, _: float) -> Interval | None:
    """Relative change of all that units play from their first recommendation on, whenever it was."""
    units = asked.units
    expected = units.pace * (asked.days - units.first_at)
    sides = [moments_of(units.overall_s[mine], expected[mine]) for mine in (units.arm == asked.arm, units.arm == 0)]
    if min(float(side.count) for side in sides) < 2:
        return None
    found = lift(sides[0], sides[1])
    matters = float(np.log1p(asked.experiment.minimum_effect))
    band = _always(float(found.log_ratio), float(found.standard_error), matters, asked.experiment)
    return band and Interval(*(float(np.expm1(each)) for each in (band.value, band.low, band.high) if each is not None))


def _always(value: float, error: float, size: float, experiment: Experiment) -> Interval | None:
    """The confidence sequence of a figure, tuned to a change of this size."""
    if not np.isfinite(value) or not np.isfinite(error):
        return None
    if error == 0:
        return Interval(value, value, value)
    mixture = mixture_of(planned_information(size, experiment.alpha, experiment.power), experiment.alpha)
    reach = float(radius(np.asarray(error), experiment.alpha, mixture))
    return Interval(value, value - reach, value + reach)


def _p99(asked: _Asked, _: float) -> Interval | None:
    """99th percentile of the arm's waiting times, with the interval that order statistics give (no form assumed)."""
    from scipy.stats import binom

    rows = asked.duck.execute(
        "select latency_ms from answers where arm = $arm and latency_ms is not null order by 1",
        {"arm": asked.experiment.arms[asked.arm].name},
    ).fetchnumpy()["latency_ms"]
    if len(rows) < MIN_ANSWERS:
        return None
    tail = (1 - _CONFIDENCE) / 2
    places = binom.ppf([tail, 0.5, 1 - tail], len(rows), 0.99).astype(int)
    low, value, high = np.clip(places, 0, len(rows) - 1)
    return Interval(float(rows[value]), float(rows[low]), float(rows[high]))


def _coverage(asked: _Asked, _: float) -> Interval | None:
    """Points of the offer that is shown at all, over equally many answers of both arms; jackknife over groups."""
    names = [asked.experiment.arms[asked.arm].name, asked.experiment.control.name]
    offer, smallest = asked.duck.execute(
        "select (select count(*) from offer),"
        " (select min(answers) from (select count(*) as answers from answers where list_contains($names, arm)"
        " group by arm having count(*) > 0))",
        {"names": names},
    ).fetchone() or (0, None)
    arms = asked.duck.execute(
        "select count(distinct arm) from answers where list_contains($names, arm)", {"names": names}
    ).fetchone()
    if not offer or smallest is None or smallest < MIN_ANSWERS or arms != (2,):
        return None
    rows = asked.duck.execute(_SHOWN_ITEMS, {"names": names, "smallest": smallest, "groups": _GROUPS}).fetchnumpy()
    values = _without_each_group(rows, names, int(offer))
    spread = float(np.sqrt((_GROUPS - 1) / _GROUPS * np.sum((values[1:] - values[1:].mean()) ** 2)))
    value = float(values[0])
    return Interval(value, value - _T_QUANTILE * spread, value + _T_QUANTILE * spread)


# The same answers of an arm whichever other it is compared with: a decision's id is drawn at random.
_SHOWN_ITEMS = """
select distinct arm, item, unit_group from (
    select arm, unnest(items) as item, hash(coalesce(unit_key, decision_id)) % $groups as unit_group
    from (select *, row_number() over (partition by arm order by decision_id) as place from answers)
    where place <= $smallest and list_contains($names, arm)
) order by all
"""


def _without_each_group(rows: dict[str, "np.ndarray"], names: list[str], offer: int) -> "np.ndarray":  # type: ignore[type-arg]
    """Difference of coverage of all, then without each group of units."""
    _, item = np.unique(rows["item"].astype(str), return_inverse=True)
    group = rows["unit_group"].astype(int)
    values = np.zeros(_GROUPS + 1)
    for sign, name in zip((1, -1), names, strict=True):
        mine = np.flatnonzero(rows["arm"].astype(str) == name)
        groups_of = np.bincount(item[mine], minlength=item.max(initial=0) + 1)
        values += sign * np.count_nonzero(groups_of)
        alone = mine[groups_of[item[mine]] == 1]  # only one group was shown it: without the group it is gone
        values[1:] -= sign * np.bincount(group[alone], minlength=_GROUPS)
    return values / offer


def _kids(asked: _Asked, _: float) -> Interval | None:
    """Answers of the arm that lead from a children's video to another (NV-R1); each is counted, nothing estimated."""
    row = asked.duck.execute(_KIDS, {"arm": asked.experiment.arms[asked.arm].name}).fetchone()
    if row is None or not row[1]:
        return None
    return Interval(float(row[0]), float(row[0]), float(row[0]))


_KIDS = """
select count(*) filter (where is_wrong), count(*) from (
    select answers.decision_id, bool_or(item.is_kids is distinct from true and shown is not null) as is_wrong
    from (select decision_id, current, unnest(items) as shown from answers where arm = $arm) as answers
    inner join content as current on answers.current = current.content_id and current.is_kids
    left join content as item on answers.shown = item.content_id
    group by answers.decision_id
)
"""
_FIGURES: dict[str, Callable[[_Asked, float], Interval | None]] = {
    "hidden_share": _hidden_share,
    "p99_ms": _p99,
    "coverage": _coverage,
    "kids_rule": _kids,
    "overall_volume": _overall_volume,
}


def _read_decisions(
    duck: "duckdb.DuckDBPyConnection", settings: Settings, experiment: Experiment, until: datetime
) -> None:
    start, end = (instant.astimezone(UTC).replace(tzinfo=None) for instant in (experiment.start, until))
    units_query.decisions_view(duck, settings, start)
    duck.execute(
        "create temp table answers as select * from decisions"
        " where experiment = $name and decided_at >= $start and decided_at < $end",
        {"name": experiment.name, "start": start, "end": end},
    )
    content = settings.paths.export(exports.DIM_CONTENT)
    source = f"select content_id, kind, is_playable, is_kids from read_parquet('{content}')"
    blank = "select null::varchar content_id, null::varchar kind, false is_playable, false is_kids where false"
    duck.execute(f"create temp table content as {source if content.exists() else blank}")
    duck.execute("create temp table offer as select * from content where kind = 'video' and is_playable")
