"""Pacing while serving: the traffic forecast from what dbt counted, and what all workers have placed from the counters.

What a campaign may run ahead of its plan is bounded from below by a number of spots: a plan of a few spots a day would
leave slots empty for hours for no gain. Such spots are given only where no campaign that is due fits (HH-10 holds: the
number is split over the device classes like the booking).
"""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from core.algorithms.ads.pacing import Delivered, ForecastPacer, PacingPlan
from core.algorithms.ads.rules import AdRules
from core.algorithms.ads.traffic import TrafficForecast, TrafficHour
from core.contracts import exports
from core.domain.advertising import Campaign
from core.paths import Paths
from core.storage import read_rows
from serving.ad_decision.campaigns_source import Campaigns
from serving.ad_decision.counters import PlacedByDay

_SPARE = 1e-305
"""Below every weight of a campaign that is due."""
_LEARNED_FROM = timedelta(days=28)
_TRAFFIC = "select hour, device_class, report_count from rows where hour >= $since"


class LivePacer:
    """A ``Pacer`` that is kept up in the background. Safe to use from several threads."""

    def __init__(self, rules: AdRules) -> None:
        self._rules = rules
        self._forecast = TrafficForecast.learned([], datetime.max.replace(tzinfo=UTC))
        self._campaigns = Campaigns()
        self._by_id: Mapping[str, Campaign] = {}
        self._known: Counter[tuple[str, str, str]] = Counter()
        """Spots by local day, campaign and device class that ``_inner`` has been told of."""
        self._weights: dict[tuple[str, str], tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._inner = ForecastPacer([], self._forecast, zone=rules.zone)

    def weight(self, campaign_id: str, device_class: str, at: datetime) -> float:
        """As the plan says; kept for the second, or until something of the campaign is placed."""
        second = int(at.timestamp())
        kept = self._weights.get((campaign_id, device_class))
        if kept is not None and kept[0] == second:
            return kept[1]
        with self._lock:
            found = self._weight(campaign_id, device_class, at)
            self._weights[campaign_id, device_class] = (second, found)
        return found

    def _weight(self, campaign_id: str, device_class: str, at: datetime) -> float:
        due = self._inner.weight(campaign_id, device_class, at)
        campaign = self._by_id.get(campaign_id)
        if due > 0 or campaign is None:
            return due
        split = campaign.device_split
        share = split.get(device_class, 0.0) if split else 1.0
        is_spare = self._inner.delivered(campaign_id, device_class, at) < self._rules.ahead_impressions * share
        return _SPARE if is_spare else 0.0

    def count(self, campaign_id: str, device_class: str, at: datetime, number: int = 1) -> None:
        with self._lock:
            self._known[self._rules.day(at), campaign_id, device_class] += number
            self._inner.count(campaign_id, device_class, at, number)
            self._weights.pop((campaign_id, device_class), None)

    def refresh(self, campaigns: Campaigns, placed: PlacedByDay) -> None:
        """Take other campaigns, if they are others, and what all workers have placed."""
        with self._lock:
            if campaigns is not self._campaigns:
                self._take(campaigns)
            for key, number in placed.items():
                if (more := number - self._known[key]) != 0:
                    self._known[key] = number
                    self._inner.count(key[1], key[2], self._instant(key[0]), more)
                    self._weights.pop(key[1:], None)

    def learn(self, paths: Paths, as_of: datetime) -> None:
        """Learn from the traffic of the weeks before, as dbt has counted it; until then every hour is alike."""
        file = paths.export(exports.RPT_AD_TRAFFIC)
        if not file.exists():
            return
        since = (as_of - _LEARNED_FROM).astimezone(UTC).replace(tzinfo=None)
        rows = read_rows(file, _TRAFFIC, since=since)
        past = [TrafficHour(row["hour"].replace(tzinfo=UTC), row["device_class"], row["report_count"]) for row in rows]
        forecast = TrafficForecast.learned(past, as_of)
        with self._lock:
            self._forecast = forecast
            self._take(self._campaigns)

    def _take(self, campaigns: Campaigns) -> None:
        self._campaigns = campaigns
        self._by_id = {each.campaign_id: each for each in campaigns.campaigns}
        plans = [PacingPlan.of(each) for each in campaigns.campaigns]
        inner = ForecastPacer(plans, self._forecast, zone=self._rules.zone)
        known = [Delivered(name, device, self._instant(day), n) for (day, name, device), n in self._known.items()]
        inner.restore(known)
        self._inner, self._weights = inner, {}

    def _instant(self, day: str) -> datetime:
        """Noon of a local day."""
        return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=self._rules.zone).astimezone(UTC)
