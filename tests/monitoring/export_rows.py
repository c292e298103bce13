"""Small exports by core.contracts.exports, consistent with each other, for tests of monitoring."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts import exports
from core.paths import Paths

END = datetime(2026, 5, 31)
GENRES = exports.GENRES_WITH_TASTE


def key(number: int) -> str:
    return f"d_{number:024x}"


def content(number: int, **changes: Any) -> dict[str, Any]:
    genre = GENRES[number % len(GENRES)]
    values = dict.fromkeys(exports.COLUMNS[exports.DIM_CONTENT]) | {
        "content_id": f"v{number:03d}", "kind": "video", "title": f"Film {number}", "path": f"/filme/{number}",
        "genre": genre, "audience": "kids" if genre == "kids" else "general", "duration_s": 1200.0,
        "published_at": END - timedelta(days=5 + number % 90), "is_playable": True, "categories": ["film"],
        "is_serial": False, "is_kids": genre == "kids", "is_documentary": genre in ("documentary", "report"),
        "has_doubtful_metadata": False,
    }  # fmt: skip
    return values | changes


def playback(number: int, **changes: Any) -> dict[str, Any]:
    """A playback of 600 of 1200 seconds; one every 36 minutes over 30 days is 1200 of them."""
    started = END - timedelta(minutes=36 * number + 1)
    return {
        "playback_id": f"p{number}", "device_key": key(number % 40),
        "device_class": ("tv", "smartphone", "tablet", "desktop")[number % 4], "content_id": f"v{number % 50:03d}",
        "started_at": started, "ended_at": started + timedelta(minutes=20), "watched_s": 600.0, "duration_s": 1200.0,
        "watched_share": 0.5, "is_play": True, "is_view": True, "session_id": f"s{number}",
    } | changes  # fmt: skip


def feature(device: int, day: int, **changes: Any) -> dict[str, Any]:
    tastes = {f"taste_{genre}": 0.0 for genre in GENRES} | {f"taste_{GENRES[device % len(GENRES)]}": 1.0}
    return {
        "device_key": key(device), "event_timestamp": END - timedelta(days=day),
        "created_timestamp": END - timedelta(days=day), "main_device_class": ("tv", "smartphone")[device % 2],
        "play_count_30d": 5 + device % 7, "watched_s_30d": 600.0 * (5 + device % 7), "days_since_last_play": 0.5,
        **tastes,
    } | changes  # fmt: skip


def exports_of(count: int = 1200) -> dict[str, list[dict[str, Any]]]:
    """Consistent exports of ``count`` playbacks."""
    playbacks = [playback(number) for number in range(count)]
    training = [
        {"device_key": row["device_key"], "device_class": row["device_class"], "content_id": row["content_id"],
         "played_at": row["started_at"], "watched_share": row["watched_share"]}
        for row in playbacks
    ]  # fmt: skip
    return {
        exports.DIM_CONTENT: [content(number) for number in range(60)],
        exports.FCT_PLAYBACKS: playbacks,
        exports.FEAT_DEVICE: [feature(device, day) for device in range(40) for day in range(60)],
        exports.FEAT_TRAINING_PLAYS: training,
        exports.FEAT_CONTENT_COUNTS: [
            {"content_id": f"v{number:03d}", "play_count": 20 + number % 9, "is_trainable": True}
            for number in range(50)
        ],
        exports.RPT_FRESHNESS: [
            {"source": "events", "newest_at": END - timedelta(minutes=1), "newest_batch_id": 1, "row_count": count}
        ],
    }


def write_exports(paths: Paths, models: dict[str, list[dict[str, Any]]]) -> None:
    paths.exports.mkdir(parents=True, exist_ok=True)
    for model, rows in models.items():
        pq.write_table(pa.Table.from_pylist(rows), paths.export(model))
