"""What was booked and delivered, by campaign and device class, and how often households see a campaign a day.

Placed is what the live counters say (reserved and not given back); played is what the log says, of the last days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa

from core.domain import DEVICE_CLASSES
from core.domain.advertising import Campaign
from core.paths import Paths
from core.storage import connect
from serving.ad_decision.campaigns_source import Campaigns
from serving.ad_decision.counters import Totals

Status = Literal["running", "paused", "over", "not_yet", "complete"]
LOOKED_BACK_DAYS = 7
MOST_PLAYS = 10
"""The histogram's last column holds all that is more."""
_MEMORY_MEGABYTES = 500
_PLAYS = """
    with
    heard as (
        select spot_id, device_class, device_key, has_advertising_consent, happened_at
        from read_parquet($files, union_by_name = true)
        where event = 'ad' and spot_id is not null
    ),
    of_campaigns as (select * from heard inner join spots using (spot_id))
"""
_BY_CLASS = _PLAYS + "select campaign_id, device_class, count(*)::bigint as plays from of_campaigns group by all"
_BY_DAY = (
    _PLAYS
    + """,
    days as (
        select
            campaign_id,
            coalesce(household_id, device_key) as viewers,
            timezone($zone, timezone('UTC', happened_at))::date as day,
            count(*) as plays
        from of_campaigns
        left join homes using (device_key)
        where device_key is not null and has_advertising_consent
        group by all
    )
    select campaign_id, least(plays, $most)::int as plays, count(*)::bigint as households from days group by all
"""
)


@dataclass(frozen=True)
class Heard:
    """What the log says of the last days."""

    plays: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By campaign and device class."""
    frequencies: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """By campaign: how many households' days had so many plays."""


@dataclass(frozen=True)
class Delivery:
    """One campaign's figures now."""

    campaign: Campaign
    status: Status
    placed: int
    played: int
    by_class: Mapping[str, tuple[int, float | None]]
    """Placed, and what an even flight would have placed by now (None: the class does not matter)."""


def status_of(campaign: Campaign, placed: int, now: datetime) -> Status:
    if now >= campaign.ends_at:
        return "over"
    if placed >= campaign.impressions:
        return "complete"
    if campaign.paused:
        return "paused"
    return "not_yet" if now < campaign.starts_at else "running"


def delivery_of(campaign: Campaign, totals: Totals, heard: Heard, now: datetime) -> Delivery:
    """Put one campaign's figures together."""
    name = campaign.campaign_id
    by_class = {each: totals.get((name, each), 0) for each in DEVICE_CLASSES}
    due = campaign.impressions * _passed(campaign, now)
    split = campaign.device_split
    planned = {each: due * split.get(each, 0.0) if split else None for each in DEVICE_CLASSES}
    placed = sum(by_class.values())
    return Delivery(
        campaign,
        status_of(campaign, placed, now),
        placed,
        sum(heard.plays.get((name, each), 0) for each in DEVICE_CLASSES),
        {each: (by_class[each], planned[each]) for each in DEVICE_CLASSES},
    )


def _passed(campaign: Campaign, now: datetime) -> float:
    whole = (campaign.ends_at - campaign.starts_at).total_seconds()
    return min(max((now - campaign.starts_at).total_seconds() / whole, 0.0), 1.0) if whole > 0 else 1.0


class HeardSource:
    """Reads the log when it has grown since the last look; for threads, one after the other is enough."""

    def __init__(self, paths: Paths, zone: str) -> None:
        self._paths, self._zone = paths, zone
        self._key: tuple[object, ...] = ()
        self._heard = Heard()

    def heard(self, campaigns: Campaigns, now: datetime) -> Heard:
        """Plays of the last days by the log; nothing where there is none yet."""
        ledger = self._paths.ledger
        key = (ledger.stat().st_mtime_ns if ledger.exists() else None, now.strftime("%Y-%m-%dT%H"), id(campaigns))
        if key != self._key:
            self._heard, self._key = self._read(campaigns, now), key
        return self._heard

    def _read(self, campaigns: Campaigns, now: datetime) -> Heard:
        files = self._files(now)
        if not files or not campaigns.by_spot:
            return Heard()
        pairs = [(spot, each.campaign_id) for spot, several in campaigns.by_spot.items() for each in several]
        spots = pa.table({"spot_id": [spot for spot, _ in pairs], "campaign_id": [name for _, name in pairs]})
        homes = self._paths.household_assignments
        with connect(_MEMORY_MEGABYTES, threads=1) as connection:
            connection.register("spots", spots)
            connection.execute(
                "create view homes as select device_key, any_value(household_id) as household_id"
                f" from read_parquet('{str(homes).replace(chr(39), chr(39) * 2)}') where until_at is null group by all"
                if homes.exists()
                else "create view homes as select null::text as device_key, null::text as household_id where false"
            )
            plays = connection.execute(_BY_CLASS, {"files": files}).fetchall()
            days = connection.execute(_BY_DAY, {"files": files, "zone": self._zone, "most": MOST_PLAYS}).fetchall()
        frequencies: dict[str, dict[int, int]] = {}
        for name, count, households in days:
            frequencies.setdefault(name, {})[count] = households
        return Heard({(name, each): count for name, each, count in plays}, frequencies)

    def _files(self, now: datetime) -> list[str]:
        since = (now - timedelta(days=LOOKED_BACK_DAYS)).strftime("hour=%Y-%m-%dT%H")
        events = self._paths.events
        hours = sorted(events.glob("hour=*")) if events.is_dir() else []
        return [str(file) for hour in hours if hour.name >= since for file in sorted(hour.glob("[!.]*.parquet"))]


def plots(deliveries: list[Delivery], heard: Heard) -> dict[str, Any]:
    """Data of the two plots over some campaigns."""
    classes = []
    for each in DEVICE_CLASSES:
        planned = [one.by_class[each][1] for one in deliveries]
        known = [plan for plan in planned if plan is not None]
        placed = sum(one.by_class[each][0] for one in deliveries)
        classes.append({"device_class": each, "placed": placed, "planned": sum(known) if known else None})
    counts = dict.fromkeys(range(1, MOST_PLAYS + 1), 0)
    for one in deliveries:
        for plays, households in heard.frequencies.get(one.campaign.campaign_id, {}).items():
            counts[plays] += households
    frequency = [{"plays": str(plays), "households": number} for plays, number in counts.items()]
    return {"classes": classes, "frequency": frequency if any(counts.values()) else []}
