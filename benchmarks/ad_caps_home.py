"""The home that ``benchmarks.ad_caps`` asks about, synthetic: campaigns, households of three devices, requests."""

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.households import ASSIGNMENTS
from core.contracts.lake import CAMPAIGNS, CATALOGUE, EVENTS
from core.paths import Paths
from core.storage import written_aside

PER_DAY = 3
DEVICES = 3
AT_ONCE = 64
"""Breaks of one household at the same instant."""
ROUNDS = 4
GAP = timedelta(minutes=5)
BEGIN = datetime(2026, 5, 1, 8, tzinfo=UTC)
_LONG_AGO, _CONSENTED, _LONG_AFTER = (  # as the lake has them: UTC without a zone
    datetime(year, month, 1, tzinfo=UTC).replace(tzinfo=None) for year, month in ((2026, 1), (2026, 4), (2027, 1))
)


@dataclass(frozen=True)
class World:
    """``asked`` in the order in which it is asked; ``household_of`` devices."""

    asked: list[dict[str, Any]]
    household_of: dict[str, str]
    films: dict[str, str]
    """Media of each spot: two ids may show the same film."""


def make(home: Path, decisions: int, seed: int) -> World:
    """Write campaigns, catalogue, households and consents, and draw the requests."""
    rng, paths = random.Random(seed), Paths(home)
    campaigns = [_campaign(number) for number in range(20)]
    households = max(1, decisions // (AT_ONCE * ROUNDS))
    household_of = {f"d_{n:024x}": f"h{n // DEVICES:07d}" for n in range(households * DEVICES)}
    _write(paths, campaigns, household_of)
    films = {spot["spot_id"]: spot["media_url"] for each in campaigns for spot in json.loads(each["spots"])}
    return World(_asked(rng, decisions, households), household_of, films)


def _campaign(number: int) -> dict[str, Any]:
    spots = [
        {
            "spot_id": f"c{number}-{spot}",
            "duration_s": 20 if spot else 30,
            "media_url": f"https://s.example/{number}/{spot}",
        }
        for spot in range(2)
    ]
    if number % 5 == 1:  # the film of the campaign before, under another id
        spots[0]["media_url"] = f"https://s.example/{number - 1}/0"
    return {
        "campaign_id": f"c{number}", "advertiser": f"a{number}", "starts_at": _LONG_AGO,
        "ends_at": _LONG_AFTER, "impressions": 10**9, "device_split": "{}",
        "cap": json.dumps({"per_break": 1, "per_day": PER_DAY}), "target": "null", "spots": json.dumps(spots),
        "updated_at": _LONG_AGO, "batch_id": 1,
    }  # fmt: skip


def _asked(rng: random.Random, decisions: int, households: int) -> list[dict[str, Any]]:
    """Households take turns; within a turn one asks for ``AT_ONCE`` breaks at the same instant, one in ten twice."""
    asked: list[dict[str, Any]] = []
    number = 0
    while number < decisions:
        turn = number // AT_ONCE
        household, round_ = turn % households, turn // households
        device = household * DEVICES + rng.randrange(DEVICES)
        request = {
            "device_key": f"d_{device:024x}", "content_id": "film", "device_class": "tv", "break_id": f"b{number}",
            "slots": rng.choice([[30], [20, 30], [30, 20, 30]]),
        }  # fmt: skip
        at = (BEGIN + round_ * (GAP + timedelta(seconds=1))).isoformat()
        for _ in range(2 if rng.random() < 0.1 else 1):
            asked.append({"number": len(asked), "at": at, "request": request})
        number += 1
    return asked


def _write(paths: Paths, campaigns: list[dict[str, Any]], household_of: dict[str, str]) -> None:
    film = dict.fromkeys(CATALOGUE.names) | {
        "content_id": "film", "kind": "video", "title": "Film", "path": "/filme", "audience": "general",
        "is_playable": True, "categories": [], "updated_at": _LONG_AGO, "published_at": _LONG_AGO,
    }  # fmt: skip
    homes = [
        {"device_key": device, "household_id": home, "from_at": _LONG_AGO, "confidence": 1.0}
        for device, home in household_of.items()
    ]
    events = [
        {"event_id": device, "event": "click", "device_key": device, "happened_at": _CONSENTED,
         "has_advertising_consent": True, "has_personalisation_consent": True}
        for device in household_of
    ]  # fmt: skip
    _table(paths.campaigns, campaigns, CAMPAIGNS)
    _table(paths.catalogue, [film], CATALOGUE)
    _table(paths.household_assignments, homes, ASSIGNMENTS)
    _table(paths.events / "hour=2026-04-01T00" / "00000001.parquet", events, EVENTS)
    paths.ledger.mkdir(parents=True)


def _table(file: Path, rows: list[dict[str, Any]], schema: Any) -> None:
    full = [dict.fromkeys(schema.names) | row for row in rows]
    with written_aside(file) as aside:
        pq.write_table(pa.Table.from_pylist(full, schema=schema), aside)
