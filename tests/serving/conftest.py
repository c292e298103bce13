"""A server over a small catalogue written out here, with an untrained model, at a clock that stands still."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from core.algorithms.next_video.bundle import write_bundle
from core.algorithms.next_video.untrained import untrained_model
from core.contracts.lake import CATALOGUE
from core.settings import Settings, load
from core.storage import written_aside
from serving.app import create_app
from serving.registry import Champion

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOKEN = "token-of-the-tests"


def video(content_id: str, **fields: Any) -> dict[str, Any]:
    """A catalogue row: an ordinary film, available for good, but for what is named."""
    row = dict.fromkeys(CATALOGUE.names) | {
        "content_id": content_id,
        "kind": "video",
        "title": f"Title of {content_id}",
        "path": "/filme/alle",
        "genre": "fiction",
        "audience": "general",
        "duration_s": 5400.0,
        "published_at": datetime(2026, 4, 1),
        "is_playable": True,
        "categories": [],
        "updated_at": datetime(2026, 4, 1),
        "batch_id": 1,
    }
    return row | fields


CATALOGUE_ROWS = [
    *(video(f"film-{number}") for number in range(1, 6)),
    video("serie-1", series_id="serie", season=1, episode=1),
    video("serie-2", series_id="serie", season=1, episode=2),
    video("news-1", path="/nachrichten/heute", genre="news"),
    video("page-1", kind="page", duration_s=None),
    video("announced", published_at=datetime(2026, 5, 2)),
    video("gone", available_until=datetime(2026, 4, 30)),
]


def write_catalogue(settings: Settings, rows: list[dict[str, Any]]) -> None:
    with written_aside(settings.paths.catalogue) as aside:
        pq.write_table(pa.Table.from_pylist(rows, schema=CATALOGUE), aside)


def make_bundle(folder: Path, ids: list[str], seed: int = 1) -> Path:
    model = untrained_model("all", ids, np.random.default_rng(seed), width=8, max_length=10)
    write_bundle(folder, [model], dict.fromkeys(("tv", "smartphone", "tablet", "desktop"), "all"))
    return folder


class Champions:
    """A registry of two lines: tests set ``champion``."""

    def __init__(self, champion: Champion | None) -> None:
        self.champion = champion

    def latest(self) -> Champion | None:
        return self.champion


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Quick polls and a known token over a temporary home."""
    return load(
        {
            "MEDIATHEK_HOME": str(tmp_path / "home"),
            "MEDIATHEK_TOKEN": TOKEN,
            "MEDIATHEK_SERVING__MODEL_POLL_SECONDS": "0.02",
            "MEDIATHEK_SERVING__DECISION_FLUSH_SECONDS": "0.02",
        }
    )


@pytest.fixture
def champions(settings: Settings) -> Champions:
    ids = [row["content_id"] for row in CATALOGUE_ROWS if row["kind"] == "video"]
    return Champions(Champion("1", make_bundle(settings.home / "bundle-1", ids)))


@pytest.fixture
def client(settings: Settings, champions: Champions) -> Iterator[TestClient]:
    """A client of a running app that has loaded its catalogue and its model."""
    write_catalogue(settings, CATALOGUE_ROWS)
    with TestClient(create_app(settings, lambda: NOW, champions), raise_server_exceptions=False) as running:
        until(lambda: running.get("/readyz").status_code == 200)
        yield running


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for what happens in the background."""
    import time

    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
