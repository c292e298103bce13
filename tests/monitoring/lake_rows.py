"""Small lakes, written exactly by core.contracts.lake, for tests of monitoring."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.lake import CATALOGUE, EVENTS, QUARANTINE
from core.paths import Paths

START = datetime(2026, 5, 1, 12)


def key(kind: str, number: int) -> str:
    return f"{kind}_{number:024x}"


def event(number: int, **changes: Any) -> dict[str, Any]:
    """One view of 600 of 1200 seconds, one a minute, with consent."""
    values: dict[str, Any] = dict.fromkeys(EVENTS.names)
    values |= {
        "event_id": f"e{number}", "event": "view", "happened_at": START + timedelta(minutes=number),
        "device_key": key("d", number % 7), "address_key": key("a", number % 3), "is_mac_local": False,
        "device_class": ("tv", "smartphone", "tablet", "desktop")[number % 4], "content_id": f"v{number % 20}",
        "playback_id": f"p{number}", "watched_s": 600.0, "position_s": 600.0, "duration_s": 1200.0, "page": "/start",
        "has_personalisation_consent": True, "has_advertising_consent": False, "batch_id": 1,
    }  # fmt: skip
    return values | changes


def content(number: int, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(CATALOGUE.names)
    values |= {
        "content_id": f"v{number}", "kind": "video", "title": f"Film {number}", "path": f"/filme/{number}",
        "genre": ("fiction", "documentary", "sport")[number % 3], "audience": "general", "duration_s": 1200.0,
        "published_at": datetime(2026, 4, 1) + timedelta(days=number % 28), "is_playable": True, "categories": [],
        "updated_at": datetime(2026, 4, 1), "batch_id": 1,
    }  # fmt: skip
    return values | changes


def quarantined(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "quarantine_id": f"q{number}", "kind": "events", "file": "events/a.jsonl", "line": number,
        "reason": "not_json", "field": None, "message": "no JSON", "raw": "{broken", "quarantined_at": START,
        "batch_id": 1,
    } | changes  # fmt: skip


def write_lake(
    paths: Paths,
    events: list[dict[str, Any]],
    catalogue: list[dict[str, Any]] | None = None,
    quarantine: list[dict[str, Any]] | None = None,
) -> None:
    by_hour: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in events:
        hour = row.get("_hour") or row["happened_at"].strftime("%Y-%m-%dT%H")
        by_hour.setdefault((hour, row["batch_id"]), []).append({name: row[name] for name in EVENTS.names})
    for (hour, batch), rows in by_hour.items():
        folder = paths.events / f"hour={hour}"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=EVENTS), folder / f"{batch}.parquet")
    paths.catalogue.parent.mkdir(parents=True, exist_ok=True)
    rows = [content(number) for number in range(20)] if catalogue is None else catalogue
    pq.write_table(pa.Table.from_pylist(rows, schema=CATALOGUE), paths.catalogue)
    if quarantine:
        paths.quarantine.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(quarantine, schema=QUARANTINE), paths.quarantine / "1.parquet")
