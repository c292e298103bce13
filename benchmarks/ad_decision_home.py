"""The home that ``benchmarks.ad_decision`` asks about, synthetic: campaigns of every kind, a million households."""

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.households import ASSIGNMENTS, INFERENCES
from core.contracts.lake import CAMPAIGNS, CATALOGUE, EVENTS
from core.paths import Paths

DEVICES = 2
"""A household."""
VIDEOS = 300
CATEGORIES = ("cooking", "garden", "football", "travel", "nature", "crime", "history", "quiz", "science", "home")
AGES, GENDERS, INCOMES = ("14-29", "30-49", "50-64", "65+"), ("female", "male"), ("low", "middle", "high")


def make(home: Path, campaigns: int, households: int) -> None:
    """Write what serving reads."""
    paths, chance = Paths(home), random.Random(1)
    today = datetime.now(UTC).replace(tzinfo=None)
    _rows(paths.campaigns, [_campaign(number, chance, today) for number in range(campaigns)], CAMPAIGNS)
    _rows(paths.catalogue, [_video(number, chance, today) for number in range(VIDEOS)], CATALOGUE)
    devices = pa.array([device(number) for number in range(households * DEVICES)])
    homes = pa.array([f"h_{number // DEVICES:09d}" for number in range(households * DEVICES)])
    count = len(devices)
    known = {"device_key": devices, "household_id": homes, "from_at": _same(today - timedelta(days=9), count)}
    _columns(paths.household_assignments, known | {"confidence": pa.array(np.ones(count))}, ASSIGNMENTS)
    ages = pa.array(np.random.default_rng(1).integers(0, 4, count)).cast(pa.int32())
    values = pa.DictionaryArray.from_arrays(ages, pa.array(AGES)).cast(pa.string())
    inferred = {"what": pa.array(["age_group"] * count), "value": values, "confidence": pa.array(np.full(count, 0.8))}
    _columns(paths.household_inferences, known | inferred, INFERENCES)
    flags = {name: pa.array(np.ones(count, bool)) for name in EVENTS.names if name.startswith("has_")}
    at = today - timedelta(days=3)
    events = {"event": pa.array(["click"] * count), "device_key": devices, "happened_at": _same(at, count)} | flags
    _columns(paths.events / f"hour={at:%Y-%m-%dT%H}" / "00000001.parquet", events, EVENTS)
    paths.ledger.mkdir(parents=True)


def device(number: int) -> str:
    return f"d_{number:024x}"


def bodies(households: int, count: int = 4000) -> list[bytes]:
    """Breaks of three slots, of households drawn evenly; every break has an id of its own."""
    chance = random.Random(2)
    return [
        json.dumps(
            {
                "device_key": device(chance.randrange(households * DEVICES)),
                "content_id": f"v{chance.randrange(VIDEOS)}",
                "device_class": "tv",
                "break_id": uuid.UUID(int=chance.getrandbits(128)).hex,
                "slots": [20, 30, 20],
            }
        ).encode()
        for _ in range(count)
    ]


def _campaign(number: int, chance: random.Random, today: datetime) -> dict[str, Any]:
    targets: tuple[dict[str, Any], ...] = (
        {}, {"categories": chance.sample(CATEGORIES, 2)}, {"age_groups": [chance.choice(AGES)]},
        {"categories": [chance.choice(CATEGORIES)], "gender": [chance.choice(GENDERS)]}, {"income": ["high"]},
    )  # fmt: skip
    spots = [
        {
            "spot_id": f"c{number}-{seconds}",
            "duration_s": seconds,
            "media_url": f"https://s.example/{number}/{seconds}.mp4",
        }
        for seconds in (20, 30)
    ]
    return {
        "campaign_id": f"c{number}", "advertiser": f"a{number % 120}", "starts_at": today - timedelta(days=5),
        "ends_at": today + timedelta(days=5), "impressions": 10**9, "device_split": "{}",
        "cap": json.dumps({"per_break": 1, "per_day": 3}), "target": json.dumps(targets[number % len(targets)]),
        "spots": json.dumps(spots), "updated_at": today, "batch_id": 1,
    }  # fmt: skip


def _video(number: int, chance: random.Random, today: datetime) -> dict[str, Any]:
    return {
        "content_id": f"v{number}", "kind": "video", "title": "", "path": "/filme", "audience": "general",
        "is_playable": True, "categories": chance.sample(CATEGORIES, 2), "updated_at": today, "published_at": today,
    }  # fmt: skip


def _same(at: datetime, count: int) -> Any:
    return pa.array(np.full(count, np.datetime64(at, "us")))


def _rows(file: Path, rows: list[dict[str, Any]], schema: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema), file)


def _columns(file: Path, columns: dict[str, Any], schema: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    count = len(next(iter(columns.values())))
    filled = [columns.get(field.name, pa.nulls(count, field.type)).cast(field.type) for field in schema]
    pq.write_table(pa.table(filled, schema=schema), file)
