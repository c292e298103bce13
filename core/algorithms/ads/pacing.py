"""Pacing: how much each campaign is due now, so that delivery follows the forecast of the day's traffic (HH-10).

The plan is LinkedIn's (Agarwal, Ghosh, Wei and You: Budget Pacing for Targeted Online Advertisements at LinkedIn, KDD
2014): at every moment of a day, the share delivered of its goal should be the share of the day's forecast traffic that
has passed. Their throttle is a probability that moves by a tenth a minute, so it has to be remembered. Here what is
left of the goal over what is left of the traffic decides, proportionally, and is taken anew at each decision
(re-solving: Jasin and Kumar, Mathematics of Operations Research 37, 2012). That needs nothing but counts: it is
recovered from them after a kill, and two workers that read the same counts say the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple, Self

from core.algorithms.ads.traffic import TrafficForecast
from core.domain import DEVICE_CLASSES
from core.domain.advertising import Campaign

_SECOND = 1.0 / 86400.0
_LEAST = 1e-300  # still due
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class PacingPlan:
    """What was booked of one campaign; shares without a split are those of the traffic."""

    campaign_id: str
    starts_at: datetime
    ends_at: datetime
    impressions: int
    device_split: Mapping[str, float]

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        return cls(
            campaign.campaign_id, campaign.starts_at, campaign.ends_at, campaign.impressions, campaign.device_split
        )


@dataclass(frozen=True)
class PacingParameters:
    """What people may set; the defaults are those of ``config/settings.toml``."""

    ahead_minutes: float = 26.0
    """Delivery may run ahead of the plan by so much of the forecast: room for what comes unevenly."""
    split_tolerance: float = 0.05
    """A device class may be further in its day's goal than the slowest one by this share. Shares of the campaign then
    differ from the split by at most a quarter of it: 1.3 percentage points of the 2 that HH-10 allows."""
    sharpness: float = 48.0
    """How clearly the draw of ``ranking`` prefers who is further behind: 0 not at all."""


class Delivered(NamedTuple):
    """Impressions counted for a campaign on a device class on one local day, named by any instant within it."""

    campaign_id: str
    device_class: str
    at: datetime
    number: int


class _Due(NamedTuple):
    """What holds of a campaign on a device class for one minute."""

    minute: int
    allowed: float  # impressions of the day that may be delivered by now
    goal: float  # of the day
    left: float  # share of the day's traffic still to come


_NEVER = _Due(-1, 0.0, 0.0, 0.0)


class ForecastPacer:
    """Says how much a campaign is due. Not for several threads at once without a lock around ``count``."""

    def __init__(
        self,
        plans: Iterable[PacingPlan],
        forecast: TrafficForecast,
        parameters: PacingParameters | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self.parameters = parameters or PacingParameters()
        self._zone = zone
        self._today = (datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))
        self.forecast = forecast
        self._plans = {plan.campaign_id: plan for plan in plans}
        self._splits = {each.campaign_id: self._split(each) for each in self._plans.values()}
        self._totals: dict[str, int] = {}
        self._counts: dict[str, dict[datetime, dict[str, int]]] = {}
        self._due: dict[tuple[str, str], _Due] = {}

    def restore(self, delivered: Iterable[Delivered]) -> None:
        """Take the durable counters instead of what was counted: at the start, and for other workers' counts."""
        self._totals, self._counts, self._due = {}, {}, {}
        for campaign_id, device_class, at, number in delivered:
            self.count(campaign_id, device_class, at, number)

    def count(self, campaign_id: str, device_class: str, at: datetime, number: int = 1) -> None:
        """Take note of impressions that were reserved, or given back (a negative number)."""
        day = self._counts.setdefault(campaign_id, {}).setdefault(self._day(at)[0], dict.fromkeys(DEVICE_CLASSES, 0))
        day[device_class] += number
        self._totals[campaign_id] = self._totals.get(campaign_id, 0) + number

    def delivered(self, campaign_id: str, device_class: str, at: datetime) -> int:
        """Return the impressions counted on the local day of ``at``."""
        day = self._counts.get(campaign_id, {}).get(self._day(at)[0])
        return day[device_class] if day else 0

    def weight(self, campaign_id: str, device_class: str, at: datetime) -> float:
        """Return how much the campaign is due, 0 to 1: 0 not now, more the further behind its plan.

        What is left of its day's goal over what is left of the day's traffic, both as shares: campaigns of any size
        compare, and what cannot be delivered is missing from all of them alike (no campaign starves). A campaign that
        is not known, not running, or not booked on this device class is not due.
        """
        minute = int(at.timestamp() // 60)
        due = self._due.get((campaign_id, device_class), _NEVER)
        if due.minute != minute:
            due = self._due[campaign_id, device_class] = self._look(campaign_id, device_class, at, minute)
        if due.goal <= 0:
            return 0.0
        done = self.delivered(campaign_id, device_class, at)
        if done + 0.499 > due.allowed or self._totals.get(campaign_id, 0) >= self._plans[campaign_id].impressions:
            return 0.0
        speed = (due.goal - done) / (due.goal * max(due.left, _SECOND))
        return float(max((speed / (1.0 + speed)) ** self.parameters.sharpness, _LEAST))

    def planned(self, campaign_id: str, device_class: str, at: datetime) -> float:
        """Return the impressions of the day that should have been delivered by ``at``."""
        plan = self._plans[campaign_id]
        goal = self.day_goal(campaign_id, at) * self._splits[campaign_id].get(device_class, 0.0)
        return goal * self._passed(plan, device_class, at)

    def day_goal(self, campaign_id: str, at: datetime) -> float:
        """Return the day's goal over all device classes: its part of what is left, by the traffic left in the flight.

        What earlier days missed is thereby spread over the days to come.
        """
        plan, split = self._plans[campaign_id], self._splits[campaign_id]
        today, tomorrow = self._day(at)
        begin, end = max(today, plan.starts_at), plan.ends_at
        earlier = sum(sum(day.values()) for when, day in self._counts.get(campaign_id, {}).items() if when < today)
        share = 0.0
        for device_class, part in split.items():
            whole = self.forecast.between(device_class, begin, end)
            now = self.forecast.between(device_class, begin, min(tomorrow, end))
            share += part * (now / whole if whole > 0 else 0.0)
        return max(plan.impressions - earlier, 0) * share

    def _split(self, plan: PacingPlan) -> dict[str, float]:
        """Shares by device class: those booked, or those of the traffic; a class without any traffic cannot deliver."""
        split = dict(plan.device_split)
        if not any(split.values()):
            split = {each: self.forecast.between(each, plan.starts_at, plan.ends_at) for each in DEVICE_CLASSES}
        able = {each: share for each, share in split.items() if share > 0 and self.forecast.has_traffic(each)}
        whole = sum(able.values())
        return {each: share / whole for each, share in able.items()}

    def _passed(self, plan: PacingPlan, device_class: str, at: datetime) -> float:
        """Return the share of the day's traffic, within the flight, that has passed at ``at``."""
        today, tomorrow = self._day(at)
        begin, end = max(today, plan.starts_at), min(tomorrow, plan.ends_at)
        whole = self.forecast.between(device_class, begin, end)
        return min(self.forecast.between(device_class, begin, at) / whole, 1.0) if whole > 0 else 0.0

    def _look(self, campaign_id: str, device_class: str, at: datetime, minute: int) -> _Due:
        plan = self._plans.get(campaign_id)
        part = self._splits.get(campaign_id, {}).get(device_class, 0.0)
        if plan is None or part <= 0 or not plan.starts_at <= at < plan.ends_at:
            return _NEVER._replace(minute=minute)
        goal = self.day_goal(campaign_id, at)
        ahead = min(at + timedelta(minutes=self.parameters.ahead_minutes), self._day(at)[1] - _INSTANT)
        allowed = self._passed(plan, device_class, ahead) * self._held(plan, device_class, at, goal)
        return _Due(minute, goal * part * allowed, goal * part, 1.0 - self._passed(plan, device_class, at))

    def _held(self, plan: PacingPlan, device_class: str, at: datetime, goal: float) -> float:
        """Return the part of its plan that a class may deliver, so that it does not run away from the slowest one."""
        slowest = 1.0
        for other, part in self._splits[plan.campaign_id].items():
            if other == device_class:
                continue
            planned = goal * part * self._passed(plan, other, at)
            slack = 1.0 + 0.004 * goal * part  # single impressions say nothing
            if planned > 0:
                slowest = min(slowest, (self.delivered(plan.campaign_id, other, at) + slack) / planned)
        return min(slowest * (1.0 + self.parameters.split_tolerance), 1.0)

    def _day(self, at: datetime) -> tuple[datetime, datetime]:
        """Return begin and end of the local day of an instant."""
        if not self._today[0] <= at < self._today[1]:
            day = at.astimezone(self._zone).date()
            begin = datetime.combine(day, time(), self._zone).astimezone(UTC)
            end = datetime.combine(day + timedelta(days=1), time(), self._zone).astimezone(UTC)
            self._today = (begin, end)
        return self._today
