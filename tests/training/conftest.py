"""The exports and the catalogue that training reads, small and with a rule to be learned: after video i comes i + 1."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import exports, lake
from core.settings import Settings

AS_OF = datetime(2026, 5, 31, tzinfo=UTC)
VIDEOS = 40
GENRES = ("documentary", "report", "news", "fiction", "show", "sport", "kids", "magazine")
_AT = pa.timestamp("us")


def _write(file: Path, rows: Sequence[dict[str, Any]], schema: pa.Schema) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), file)


def device_key(number: int) -> str:
    return f"d_{number:024x}"


def _plays(device_classes: dict[str, int], plays_each: int) -> list[dict[str, Any]]:
    """Each device starts somewhere and goes on to the next video, four of five times."""
    rng = np.random.default_rng(11)
    rows, number = [], 0
    for device_class, count in device_classes.items():
        for _ in range(count):
            number += 1
            video = int(rng.integers(VIDEOS))
            hours = np.sort(rng.uniform(0, 30 * 24, plays_each))
            for hour in hours:
                rows.append(
                    {
                        "device_key": device_key(number),
                        "device_class": device_class,
                        "content_id": f"v{video}",
                        "played_at": AS_OF.replace(tzinfo=None) - timedelta(days=30) + timedelta(hours=float(hour)),
                        "watched_share": 0.9,
                    }
                )
                video = (video + 1) % VIDEOS if rng.random() < 0.8 else int(rng.integers(VIDEOS))
    return rows


PLAYS_SCHEMA = pa.schema(
    [
        ("device_key", pa.string()),
        ("device_class", pa.string()),
        ("content_id", pa.string()),
        ("played_at", _AT),
        ("watched_share", pa.float64()),
    ]
)
DEVICE_SCHEMA = pa.schema(
    [
        ("device_key", pa.string()),
        ("event_timestamp", _AT),
        ("created_timestamp", _AT),
        ("main_device_class", pa.string()),
        ("play_count_30d", pa.int64()),
        ("watched_s_30d", pa.float64()),
        ("days_since_last_play", pa.float64()),
        *((f"taste_{genre}", pa.float64()) for genre in GENRES),
    ]
)


def device_row(device: str, at: datetime, **taste: float) -> dict[str, Any]:
    """A row of ``feat_next_video__device``: known from ``at`` on."""
    return {
        "device_key": device,
        "event_timestamp": at.replace(tzinfo=None),
        "created_timestamp": at.replace(tzinfo=None),
        "main_device_class": "tv",
        "play_count_30d": 4,
        "watched_s_30d": 4000.0,
        "days_since_last_play": 0.5,
        **{f"taste_{genre}": taste.get(genre, 0.0) for genre in GENRES},
    }


@pytest.fixture
def write_devices(settings: Settings) -> Callable[[Sequence[dict[str, Any]]], None]:
    """Write ``feat_next_video__device`` from rows of ``device_row``."""
    return lambda rows: _write(settings.paths.export(exports.FEAT_DEVICE), rows, DEVICE_SCHEMA)


@pytest.fixture
def write_plays(settings: Settings) -> Callable[[Sequence[dict[str, Any]]], None]:
    """Write ``feat_next_video__training_plays``."""
    return lambda rows: _write(settings.paths.export(exports.FEAT_TRAINING_PLAYS), rows, PLAYS_SCHEMA)


@pytest.fixture
def built(settings: Settings, write_devices: Any, write_plays: Any) -> Settings:
    """A home as the build leaves it: plays on two device classes, a catalogue of 40 films, tastes of some devices."""
    write_plays(_plays({"tv": 60, "smartphone": 15}, plays_each=30))
    write_devices([device_row(device_key(number), AS_OF - timedelta(days=3), fiction=1.0) for number in range(1, 40)])
    catalogue = [
        {
            "content_id": f"v{number}",
            "kind": "video",
            "title": f"Film {number}",
            "path": f"/filme/{number}",
            "genre": "fiction",
            "audience": "general",
            "duration_s": 3600.0,
            "published_at": AS_OF.replace(tzinfo=None) - timedelta(days=60),
            "is_playable": True,
            "categories": [],
            "batch_id": 1,
        }
        for number in range(VIDEOS)
    ]
    _write(settings.paths.catalogue, catalogue, lake.CATALOGUE)
    _write(settings.paths.export(exports.DIM_CONTENT), catalogue, lake.CATALOGUE)
    return settings


@pytest.fixture
def as_of() -> datetime:
    return AS_OF
