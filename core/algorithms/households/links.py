"""Links between households from visits, strengthened by shared content, ageing (HH-4).

``weight`` is the probability that the two households know each other, as far as it is fresh: sigmoid(s + c) * f with

- ``s``: log-odds of the product of two probabilities: that the visit days are no chance (`links_strength`: Newman's
  network from unreliable observations), and that who was seen there is a guest at all and does not live there
  (`links_certainty`, and the clustering's confidence);
- ``c``: ``log(low)``, at least 0 and at most ``log(most_by_content)``, where ``low`` is the lower end of the 95 %
  interval of shared content over chance (`links_shared_content`): content strengthens a link, it never makes one, and
  it counts only beyond what popularity explains;
- ``f``: 0.5 to the power of the last visit's age over the half-life. Visits older than the window are forgotten.

A link needs visits on at least two different days; visits to anything but homes never reach this place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa

from core.algorithms.households.links_certainty import guest_certainty
from core.algorithms.households.links_settings import LinkParameters
from core.algorithms.households.links_shared_content import Floats, Indices, Shared, shared_content
from core.algorithms.households.links_strength import PairDays, both, probabilities, strengths
from core.contracts.households import LINKS

PLAYS = pa.schema([("household_id", pa.string()), ("content_id", pa.string())])
"""What ``plays`` has to have: who watched what (any number of times)."""

_SATURDAY = 5


@dataclass
class _Pair:
    """All visits between two households, ``first`` < ``second``."""

    out_days: set[date] = field(default_factory=set)
    """Of the first at the second's."""
    in_days: set[date] = field(default_factory=set)
    sure: dict[str, float] = field(default_factory=dict)
    """By device: how sure it is that it is a guest."""
    has_night: bool = False
    times: list[datetime] = field(default_factory=list)

    def days(self) -> set[date]:
        return self.out_days | self.in_days

    def certainty(self) -> float:
        """How sure it is that any of the devices is a guest at all."""
        return 1 - prod(1 - sure for _, sure in sorted(self.sure.items()))

    def freshness(self, as_of: datetime, half_life_days: float) -> float:
        """What the last visit's age leaves of a link, 0..1."""
        age = as_of.astimezone(UTC).replace(tzinfo=None) - max(self.times)
        return float(0.5 ** (age.total_seconds() / 86_400 / half_life_days))


def link(
    visits: pa.Table, plays: pa.Table | None, as_of: datetime, parameters: LinkParameters | None = None
) -> pa.Table:
    """Return the LINKS (core.contracts.households) that visits up to ``as_of`` (aware) prove, ordered by their ids.

    ``visits`` is VISITS; a column ``confidence`` (0..1), if there, says how sure it is that the visitor lives where it
    is said to, and a column ``days_seen`` on how many days it was seen at all (see `links_certainty`). ``plays`` is
    PLAYS or None. Deterministic, and the same whatever the order of the rows.
    """
    settings = parameters or LinkParameters()
    pairs = _pairs(_counted(visits.to_pylist(), as_of, settings), settings)
    names = sorted(pairs)
    numbers = _numbers(names, plays)
    first = np.array([numbers[a] for a, _ in names], dtype=np.int64)
    second = np.array([numbers[b] for _, b in names], dtype=np.int64)
    out_days = np.array([len(pairs[name].out_days) for name in names], dtype=np.float64)
    in_days = np.array([len(pairs[name].in_days) for name in names], dtype=np.float64)
    observed = PairDays(
        days=np.array([len(pairs[name].days()) for name in names], dtype=np.float64),
        chance=_chance(first, second, out_days, in_days, len(numbers)),
        working_days=np.array(
            [sum(day.weekday() < _SATURDAY for day in pairs[n].days()) for n in names], dtype=np.int64
        ),
        is_by_day_only=np.array([_is_by_day_only(pairs[n]) for n in names], dtype=bool),
    )
    day_count = _days_observed(pairs.values(), as_of)
    certainty = np.array([pairs[name].certainty() for name in names], dtype=np.float64)
    log_odds = both(strengths(observed, len(numbers), day_count, settings.priors).log_odds, certainty)
    shared = _shared(first, second, plays, numbers)
    if shared is not None:
        log_odds = log_odds + np.clip(np.log(np.fmax(shared.low, 1.0)), 0, np.log(settings.most_by_content))
    fresh = np.array([pairs[name].freshness(as_of, settings.half_life_days) for name in names], dtype=np.float64)
    return _table(names, pairs, probabilities(log_odds) * fresh, shared, settings)


def _counted(rows: Iterable[dict[str, Any]], as_of: datetime, settings: LinkParameters) -> list[dict[str, Any]]:
    """The visits of the window: later than ``as_of``, older than the window and at home are left out."""
    now = as_of.astimezone(UTC).replace(tzinfo=None)
    oldest = now.date() - timedelta(days=settings.window_days)
    return [
        row
        for row in rows
        if row["household_id"]
        and row["host_household_id"]
        and row["household_id"] != row["host_household_id"]
        and row["last_at"] <= now
        and row["day"] > oldest
    ]


def _pairs(rows: list[dict[str, Any]], settings: LinkParameters) -> dict[tuple[str, str], _Pair]:
    """Gather visits by pair, each with how sure it is."""
    there: dict[tuple[str, str], set[date]] = {}
    for row in rows:
        there.setdefault((row["device_key"], row["host_household_id"]), set()).add(row["day"])
    pairs: dict[tuple[str, str], _Pair] = {}
    for row in rows:
        home, host, day = row["household_id"], row["host_household_id"], row["day"]
        pair = pairs.setdefault((min(home, host), max(home, host)), _Pair())
        (pair.out_days if home < host else pair.in_days).add(day)
        pair.sure[row["device_key"]] = _certainty(row, len(there[row["device_key"], host]), settings)
        pair.has_night = pair.has_night or bool(row["is_night"])
        pair.times.append(row["last_at"])
    return pairs


def _certainty(row: dict[str, Any], days_there: int, settings: LinkParameters) -> float:
    """How sure the visitor's home is by the clustering, times how sure by the days that it spends elsewhere."""
    confidence, days_seen = row.get("confidence"), row.get("days_seen")
    sure = 1.0 if confidence is None else float(confidence)
    if days_seen is None:
        return sure
    return sure * guest_certainty(days_there, max(days_seen, days_there), settings.priors.wrong_home_share)


def _numbers(names: Iterable[tuple[str, str]], plays: pa.Table | None) -> dict[str, int]:
    """Number every household that was seen anywhere: the model needs to know how many pairs there could be."""
    households = {name for pair in names for name in pair}
    if plays is not None:
        households |= {name for name in plays.column("household_id").unique().to_pylist() if name}
    return {name: number for number, name in enumerate(sorted(households))}


def _chance(first: Indices, second: Indices, out_days: Floats, in_days: Floats, count: int) -> Floats:
    """Days together if who visits whom were left to chance, the traffic of each as it is."""
    goes = np.bincount(first, out_days, count) + np.bincount(second, in_days, count)
    comes = np.bincount(first, in_days, count) + np.bincount(second, out_days, count)
    total = max(float(goes.sum()), 1e-9)
    return np.asarray((goes[first] * comes[second] + goes[second] * comes[first]) / total, dtype=np.float64)


def _is_by_day_only(pair: _Pair) -> bool:
    return not pair.has_night and all(day.weekday() < _SATURDAY for day in pair.days())


def _days_observed(pairs: Iterable[_Pair], as_of: datetime) -> float:
    """Days from the first visit of anybody to ``as_of``."""
    today = as_of.astimezone(UTC).date()
    first = min((day for pair in pairs for day in pair.days()), default=today)
    return float((today - first).days + 1)


def _shared(first: Indices, second: Indices, plays: pa.Table | None, numbers: dict[str, int]) -> Shared | None:
    if plays is None or not plays.num_rows or not len(first):
        return None
    known = plays.select(["household_id", "content_id"]).drop_null()
    content = known.column("content_id").combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    households = known.column("household_id").combine_chunks().dictionary_encode()
    as_number = np.array([numbers[name] for name in households.dictionary.to_pylist()], dtype=np.int64)
    household = as_number[households.indices.to_numpy(zero_copy_only=False)]
    return shared_content(first, second, household, content.astype(np.int64), len(numbers))


def _table(
    names: list[tuple[str, str]],
    pairs: dict[tuple[str, str], _Pair],
    weights: Floats,
    shared: Shared | None,
    settings: LinkParameters,
) -> pa.Table:
    rows = []
    for place, name in enumerate(names):
        pair, weight = pairs[name], float(weights[place])
        days = len(pair.days())
        if days < settings.min_visit_days or weight < settings.min_weight:
            continue
        lift = None if shared is None or np.isnan(shared.lift[place]) else shared
        row = {
            "household_a": name[0], "household_b": name[1], "weight": weight, "visit_days": days,
            "shared_lift": float(lift.lift[place]) if lift else None,
            "shared_lift_low": float(lift.low[place]) if lift else None,
            "shared_lift_high": float(lift.high[place]) if lift else None,
            "first_at": min(pair.times), "last_at": max(pair.times),
        }  # fmt: skip
        rows.append(row | {"evidence": _evidence(name, pair, row, int(lift.count[place]) if lift else 0)})
    return pa.Table.from_pylist(rows, schema=LINKS)


def _evidence(name: tuple[str, str], pair: _Pair, row: dict[str, Any], shared: int) -> str:
    seen = [
        f"{one} at the home of {other} on {len(days)} {'day' if len(days) == 1 else 'days'}"
        for one, other, days in ((*name, pair.out_days), (name[1], name[0], pair.in_days))
        if days
    ]
    text = f"Devices of {' and of '.join(seen)}, last on {row['last_at']:%Y-%m-%d}"
    if row["shared_lift"] is not None and shared:
        times = f"{row['shared_lift']:.1f} times what popularity alone would give"
        text += f"; {shared} contents shared, {times} ({row['shared_lift_low']:.1f} to {row['shared_lift_high']:.1f})"
    return text + "."
