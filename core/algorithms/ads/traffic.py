"""What traffic is expected when: a week's hours by device class, learned from the weeks before."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple, Self

from core.domain import DEVICE_CLASSES

HOURS = 168
_HOUR_S = 3600.0
_WEEK_S = HOURS * _HOUR_S
_MONDAY_S = 4 * 86400.0  # 1970-01-05, a Monday, in epoch seconds


class TrafficHour(NamedTuple):
    """One hour that was seen: its begin (aware UTC), a device class, how often a break could have begun."""

    hour: datetime
    device_class: str
    amount: float


@dataclass(frozen=True)
class TrafficForecast:
    """Expected traffic by hour of the week (from Monday 00:00 UTC) and device class, any unit: only shares matter.

    A seasonal mean: the same hour of earlier weeks, newer weeks counting more (simple exponential smoothing of each of
    the 168 seasons), drawn towards the mean of that hour of the day as long as few weeks are known.
    """

    sums: dict[str, tuple[float, ...]]
    """Running sums, 169 of them: traffic from Monday 00:00 until the hour begins."""

    @classmethod
    def of_week(cls, week: dict[str, list[float]]) -> Self:
        """Take 168 amounts a device class as they are; a class that is missing has no traffic."""
        return cls({
            each: tuple(accumulate(week.get(each, [0.0] * HOURS), initial=0.0)) for each in DEVICE_CLASSES
        })  # fmt: skip

    @classmethod
    def learned(
        cls, past: Iterable[TrafficHour], as_of: datetime, half_life_weeks: float = 2.0, prior_weeks: float = 0.5
    ) -> Self:
        """Learn from hours before ``as_of``; hours without a row, since the first one seen, had no traffic.

        With no past at all every hour of every class is alike: delivery is then even.
        """
        rows = [row for row in past if row.hour < as_of]
        if not rows:
            return cls.of_week({each: [1.0] * HOURS for each in DEVICE_CLASSES})
        seen = _weights_of_hours(min(row.hour for row in rows), as_of, half_life_weeks)
        summed: dict[str, list[float]] = {each: [0.0] * HOURS for each in DEVICE_CLASSES}
        for hour, device_class, amount in rows:
            summed[device_class][_hour_of_week(hour)] += amount * _newness(hour, as_of, half_life_weeks)
        return cls.of_week({each: _smoothed(summed[each], seen, prior_weeks) for each in DEVICE_CLASSES})

    def between(self, device_class: str, begin: datetime, end: datetime) -> float:
        """Return the traffic expected from ``begin`` until ``end``; 0 if that is no time at all."""
        return max(self._until(device_class, end) - self._until(device_class, begin), 0.0)

    def has_traffic(self, device_class: str) -> bool:
        return self.sums[device_class][-1] > 0

    def _until(self, device_class: str, at: datetime) -> float:
        sums = self.sums[device_class]
        weeks, into = divmod(at.timestamp() - _MONDAY_S, _WEEK_S)
        hour = min(int(into // _HOUR_S), HOURS - 1)
        share = into / _HOUR_S - hour
        return weeks * sums[-1] + sums[hour] + share * (sums[hour + 1] - sums[hour])


def _hour_of_week(at: datetime) -> int:
    return int((at.timestamp() - _MONDAY_S) % _WEEK_S // _HOUR_S)


def _newness(at: datetime, as_of: datetime, half_life_weeks: float) -> float:
    weeks = (as_of - at).total_seconds() // _WEEK_S  # hours of one week count alike
    return float(0.5 ** (weeks / half_life_weeks))


def _weights_of_hours(first: datetime, as_of: datetime, half_life_weeks: float) -> list[float]:
    """Return how much was seen of each hour of the week, newer weeks counting more."""
    weights = [0.0] * HOURS
    hour = first
    while hour < as_of:
        weights[_hour_of_week(hour)] += _newness(hour, as_of, half_life_weeks)
        hour += timedelta(hours=1)
    return weights


def _smoothed(summed: list[float], seen: list[float], prior_weeks: float) -> list[float]:
    by_hour: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for hour in range(HOURS):
        by_hour[hour % 24][0] += summed[hour]
        by_hour[hour % 24][1] += seen[hour]
    whole = sum(summed) / max(sum(seen), 1e-12)
    priors = {hour: amount / weight if weight else whole for hour, (amount, weight) in by_hour.items()}
    return [
        (summed[hour] + prior_weeks * priors[hour % 24]) / (seen[hour] + prior_weeks) for hour in range(HOURS)
    ]  # fmt: skip
