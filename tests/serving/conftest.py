"""A server over a small catalogue written out here, with an untrained model, at a clock that stands still."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
        self.before: Champion | None = None

    def latest(self) -> Champion | None:
        return self.champion

    def previous(self) -> Champion | None:
        return self.before

    def version(self, number: str) -> Champion | None:
        return next((each for each in (self.champion, self.before) if each and each.version == number), None)


def settings_at(home: Path) -> Settings:
    """Quick polls and a known token over a temporary home."""
    return load(
        {
            "MEDIATHEK_HOME": str(home),
            "MEDIATHEK_TOKEN": TOKEN,
            "MEDIATHEK_SERVING__MODEL_POLL_SECONDS": "0.02",
            "MEDIATHEK_SERVING__DECISION_FLUSH_SECONDS": "0.02",
        }
    )


class World:
    """A home with a catalogue and a bundle, and an app over it; tests change the files and the champion."""

    token = TOKEN
    now = NOW
    rows = CATALOGUE_ROWS
    video = staticmethod(video)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.champions = Champions(Champion("1", self.bundle("1")))
        self.write_catalogue(CATALOGUE_ROWS)

    def bundle(self, version: str) -> Path:
        ids = [row["content_id"] for row in CATALOGUE_ROWS if row["kind"] == "video"]
        return make_bundle(self.settings.home / f"bundle-{version}", ids, seed=int(version))

    def promote(self, version: str, folder: Path) -> None:
        self.champions.before, self.champions.champion = self.champions.champion, Champion(version, folder)

    def write_catalogue(self, rows: list[dict[str, Any]]) -> None:
        write_catalogue(self.settings, rows)

    def client(self) -> TestClient:
        return TestClient(create_app(self.settings, lambda: NOW, self.champions), raise_server_exceptions=False)

    def until(self, condition: Callable[[], bool]) -> None:
        until(condition)

    @contextmanager
    def running(self) -> Iterator[TestClient]:
        """A client of a running app that has loaded its catalogue and its model."""
        with self.client() as client:
            until(lambda: client.get("/readyz").status_code == 200)
            yield client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_at(tmp_path / "home")


@pytest.fixture
def world(settings: Settings) -> World:
    return World(settings)


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    """A running app over a home of its own."""
    with world.running() as running:
        yield running


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One running app for many tests that only ask."""
    with World(settings_at(tmp_path_factory.mktemp("home"))).running() as running:
        yield running


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what happens in the background."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
