"""A small lake, written out by hand in the schemas of core.contracts.lake, for tests of the warehouse."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import exports, lake
from core.settings import Settings, load
from core.storage import read_rows

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
Row = dict[str, Any]


def at(text: str) -> datetime:
    """A naive UTC time, as the lake stores it, e.g. at("2026-05-31 10:00")."""
    return datetime.fromisoformat(text)


def view(playback: str, when: datetime, watched_s: float, **more: Any) -> Row:
    """One progress report; with consent, on device a, of the video v1 of 1000 s, unless told otherwise."""
    row: Row = {
        "event": "view", "event_id": f"{playback}@{when.isoformat()}@{watched_s}", "happened_at": when,
        "playback_id": playback, "watched_s": watched_s, "duration_s": 1000.0, "content_id": "v1", "device_key": "a",
        "device_class": "tv", "has_personalisation_consent": True, "has_advertising_consent": False,
    }  # fmt: skip
    row |= more
    if not row["has_personalisation_consent"] and not row["has_advertising_consent"]:
        row["device_key"] = None
    return row


def play(playback: str, when: datetime, **more: Any) -> list[Row]:
    """A playback of half the video: two reports, ten minutes apart."""
    return [view(playback, when, 0.0, **more), view(playback, when + timedelta(minutes=10), 500.0, **more)]


def shown(event_id: str, when: datetime, items: Sequence[str], arm: str | None = "blend", **more: Any) -> Row:
    """One recommendation event of Next-Video."""
    row: Row = {
        "event": "recommendation", "event_id": event_id, "happened_at": when, "use_case": "next-video", "arm": arm,
        "items": list(items), "device_key": "a", "device_class": "tv", "has_personalisation_consent": True,
        "has_advertising_consent": False,
    }  # fmt: skip
    return row | more


def video(content_id: str, **more: Any) -> Row:
    """One catalogue entry."""
    row: Row = {
        "content_id": content_id, "kind": "video", "title": content_id, "path": f"/{content_id}", "genre": "report",
        "audience": "general", "duration_s": 1000.0, "published_at": at("2026-01-01"), "is_playable": True,
        "categories": [], "updated_at": at("2026-01-01"), "batch_id": 1,
    }  # fmt: skip
    return row | more


def decision(decision_id: str, when: datetime, **more: Any) -> Row:
    """One decision record of serving."""
    row: Row = {
        "decision_id": decision_id, "decided_at": when, "route": "next-video", "case": "regular", "device_class": "tv",
        "model_version": "1", "latency_ms": 5.0,
    }  # fmt: skip
    return row | more


@dataclass(frozen=True)
class Lake:
    """Writes what ingestion would write: ``hour=.../<batch>.parquet`` and the catalogue."""

    settings: Settings

    def add_events(self, batch_id: int, *rows: Row) -> None:
        self._add(self.settings.paths.events, lake.EVENTS, "happened_at", batch_id, rows)

    def add_decisions(self, batch_id: int, *rows: Row) -> None:
        self._add(self.settings.paths.decisions, lake.DECISIONS, "decided_at", batch_id, rows)

    def set_catalogue(self, *rows: Row) -> None:
        file = self.settings.paths.catalogue
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(list(rows), schema=lake.CATALOGUE), file)

    def copy_to(self, other: Settings) -> None:
        shutil.copytree(self.settings.paths.lake, other.paths.lake)

    @staticmethod
    def _add(folder: Path, schema: pa.Schema, when: str, batch_id: int, rows: Sequence[Row]) -> None:
        by_hour = defaultdict(list)
        for row in rows:
            by_hour[row[when].strftime("%Y-%m-%dT%H")].append(row | {"batch_id": batch_id})
        for hour, members in by_hour.items():
            target = folder / f"hour={hour}"
            target.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(members, schema=schema), target / f"{batch_id:012d}.parquet")


@pytest.fixture
def small_lake(settings: Settings) -> Lake:
    """An empty lake with one video, v1, in its catalogue."""
    small = Lake(settings)
    small.set_catalogue(video("v1"))
    return small


@pytest.fixture
def another_home(tmp_path: Path) -> Callable[[str], Settings]:
    """Settings over one more empty home."""
    return lambda name: load({"MEDIATHEK_HOME": str(tmp_path / name)})


def rows_of(settings: Settings, model: str, query: str = "select * from rows") -> list[Row]:
    return read_rows(settings.paths.export(model), query)


def all_exports(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every export as a sorted list of rows, to compare two warehouses."""
    return {
        model: sorted((tuple(row.values()) for row in rows_of(settings, model)), key=repr) for model in exports.COLUMNS
    }
