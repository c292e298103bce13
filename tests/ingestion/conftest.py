"""Small landing directories, written out line by line."""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.paths import Paths
from core.settings import Settings
from tests.ingestion import kafka_broker

AS_OF = datetime(2026, 5, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def as_of() -> datetime:
    """The time of the runs."""
    return AS_OF


@pytest.fixture
def view() -> Callable[..., dict[str, Any]]:
    """A whole view with an ``event_id`` of its own, fields replaced as asked; None as a value leaves a field out."""

    def make(event_id: str, **fields: Any) -> dict[str, Any]:
        record = {
            "event_id": event_id,
            "event": "view",
            "at": "2026-05-01T12:00:00Z",
            "ip": "84.130.7.9",
            "mac": "3c:9a:77:10:20:30",
            "user": None,
            "device_class": "tv",
            "content_id": "film-1",
            "playback_id": f"play-{event_id}",
            "watched_s": 600,
            "position_s": 610.5,
            "duration_s": 5400,
            "page": "/start",
            "consent": {"personalisation": True, "advertising": False},
        }
        return record | fields

    return make


class Landing:
    """A landing directory under construction."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for kind in ("catalogue", "events", "campaigns"):
            (root / kind).mkdir(parents=True)

    def put(self, name: str, lines: Iterable[dict[str, Any] | str], end: str = "\n") -> Path:
        """Deliver a file as the contract says: under a temporary name, then renamed."""
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end
        return self.put_bytes(name, text.encode())

    def put_bytes(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(path.name + ".tmp")
        aside.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return aside.rename(path)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    """An empty landing directory."""
    return Landing(tmp_path / "landing")


class Lake:
    """What ingestion has written, as rows."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    def _rows(self, files: Iterable[Path]) -> list[dict[str, Any]]:
        tables = [pq.ParquetFile(file).read() for file in sorted(files)]
        return pa.concat_tables(tables, promote_options="permissive").to_pylist() if tables else []

    def events(self) -> dict[str, dict[str, Any]]:
        rows = self._rows(self.paths.events.glob("hour=*/*.parquet"))
        by_id = {row["event_id"]: row for row in rows}
        assert len(by_id) == len(rows), "an event is in the lake twice"
        return by_id

    def quarantine(self) -> list[dict[str, Any]]:
        rows = self._rows(self.paths.quarantine.glob("*.parquet"))
        assert len({row["quarantine_id"] for row in rows}) == len(rows), "a line is in quarantine twice"
        return rows

    def reasons(self) -> list[str]:
        return sorted(row["reason"] for row in self.quarantine())

    def catalogue(self) -> dict[str, dict[str, Any]]:
        return {row["content_id"]: row for row in self._rows([self.paths.catalogue])}

    def decisions(self) -> list[dict[str, Any]]:
        return self._rows(self.paths.decisions.glob("hour=*/*.parquet"))


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake(settings.paths)


@pytest.fixture(scope="session")
def broker() -> Iterator[kafka_broker.Broker]:
    """A real Kafka broker, one for all tests; topics are each test's own."""
    try:
        with kafka_broker.running() as running:
            yield running
    except kafka_broker.BrokerMissingError as error:
        pytest.skip(f"no Kafka broker: {error}")
