"""Viewers who call the API and watch, or ignore, what it recommends: an experiment whose true effect is known.

Everything between the viewers and the read-out is the real thing: the app with its chain, arms and decision log,
ingestion of both logs, dbt, and the read-out. Only the model is untrained: what is recommended does not matter here.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from core import warehouse
from core.algorithms.next_video.bundle import write_bundle
from core.algorithms.next_video.untrained import untrained_model
from core.domain import DEVICE_CLASSES
from core.privacy import load_pseudonyms
from core.settings import Settings, load
from ingestion.decision_log import ingest_decisions
from ingestion.landing import ingest_source
from monitoring.experiments.readout import Readout, find, read_out
from serving.app import create_app
from serving.registry import Champion

START = datetime(2026, 5, 1, tzinfo=UTC)
NAME = "closed_loop"
VIDEOS = [f"film-{number}" for number in range(200)]
LENGTH_S = 5400
BY_THEMSELVES = 0.5
"""Chance that somebody who ignores the recommendations goes on watching all the same."""
_YAML = """
name: {name}
version: 1
use_case: next-video
owner: benchmarks
hypothesis: viewers follow more often
hypothesis_de: Zuschauende folgen öfter
start: {start}
end: {end}
primary_metric: viewing_volume
minimum_effect: 0.1
arms:
  - {{name: as_it_is, share: 0.5}}
  - {{name: more_alike, share: 0.5, blend: {{sequence: 0.3, similarity: 0.65, taste: 0.05}}}}
"""


@dataclass(frozen=True)
class Scenario:
    """What viewers do."""

    devices: int = 600
    days: int = 14
    follow: dict[str, float] = field(default_factory=lambda: {"as_it_is": 0.2, "more_alike": 0.2})
    """Chance that a viewer watches what is recommended, by the arm that answered."""
    switching_share: float = 0.0
    """Devices that name another unit every day, as a broken client would."""
    seed: int = 1

    @property
    def true_effect(self) -> float:
        """Relative change of viewing volume: both arms' seconds are drawn alike, only how often differs."""
        watching = {arm: chance + (1 - chance) * BY_THEMSELVES for arm, chance in self.follow.items()}
        return watching["more_alike"] / watching["as_it_is"] - 1


class _Clock:
    """The time of the viewer who is asking."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class _OneChampion:
    """A registry that holds one bundle."""

    def __init__(self, folder: Path) -> None:
        self._champion = Champion("1", folder)

    def latest(self) -> Champion:
        return self._champion

    def previous(self) -> None:
        return None


@dataclass(frozen=True)
class _Viewer:
    number: int
    mac: str
    unit: str
    device_class: str
    habit_s: float
    """Seconds a session, on average."""


def run(home: Path, scenario: Scenario) -> Readout:
    """Let the viewers watch, take their logs in, build the warehouse, read the experiment out."""
    settings, end = prepare(home, scenario)
    rng = np.random.default_rng(scenario.seed)
    viewers = _viewers(settings, scenario, rng)
    lines = list(_month_before(viewers, rng))
    with _client(settings) as (client, clock):
        for at, viewer in _sessions(viewers, scenario, rng):
            clock.now = at
            lines += _session(client, viewer, at, scenario, rng)
    _land(home / "landing", "events", lines)
    as_of = end + timedelta(days=1)
    ingest_source(settings, home / "landing", as_of)
    ingest_decisions(settings, as_of)
    warehouse.build(settings, as_of)
    return read_out(settings, find(settings, NAME), end)


def prepare(home: Path, scenario: Scenario) -> tuple[Settings, datetime]:
    """A home with a catalogue, a model and one experiment; return its settings and the experiment's end."""
    end = START + timedelta(days=scenario.days)
    shutil.copytree(load({}).config, home / "config", ignore=shutil.ignore_patterns("*.yaml.bak", "next_video_blend*"))
    text = _YAML.format(name=NAME, start=START.isoformat(), end=end.isoformat())
    (home / "config" / "experiments" / f"{NAME}.yaml").write_text(text, encoding="utf-8")
    settings = load({"MEDIATHEK_HOME": str(home / "var"), "MEDIATHEK_CONFIG": str(home / "config")})
    settings.paths.keys.parent.mkdir(parents=True)
    settings.paths.keys.write_bytes(bytes(range(32)))  # the same arms in every run; nobody real is named by it
    settings.paths.keys.chmod(0o600)
    _land(home / "landing", "catalogue", [_video(content_id) for content_id in VIDEOS])
    for kind in ("events", "campaigns"):
        (home / "landing" / kind).mkdir()
    ingest_source(settings, home / "landing", START)
    model = untrained_model("all", VIDEOS, np.random.default_rng(1), width=16, max_length=10)
    write_bundle(home / "bundle", [model], dict.fromkeys(DEVICE_CLASSES, "all"))
    return settings, end


@contextmanager
def _client(settings: Settings) -> Iterator[tuple[TestClient, _Clock]]:
    clock = _Clock()
    app = create_app(settings, clock, _OneChampion(settings.home.parent / "bundle"))
    with TestClient(app) as client:
        while app.state.model_version() is None:  # it is loaded beside the start
            time.sleep(0.05)
        yield client, clock


def _viewers(settings: Settings, scenario: Scenario, rng: np.random.Generator) -> list[_Viewer]:
    """Habits have a long tail; the unit is the device's pseudonym, as the library's own client would send it."""
    pseudonyms = load_pseudonyms(settings.paths.keys)
    found = []
    for number in range(scenario.devices):
        mac = f"3c9a77{number:06x}"
        device_class = DEVICE_CLASSES[int(rng.integers(len(DEVICE_CLASSES)))]
        found.append(_Viewer(number, mac, pseudonyms.device_key(mac), device_class, 900 * rng.lognormal(0, 0.5)))
    return found


def _month_before(viewers: list[_Viewer], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for viewer in viewers:
        for number in range(int(rng.poisson(12))):
            at = START - timedelta(days=float(rng.uniform(0.1, 29.9)))
            content_id = VIDEOS[int(rng.integers(len(VIDEOS)))]
            yield from _views(viewer, at, f"before-{viewer.number}-{number}", content_id, _seconds(viewer, rng))


def _sessions(viewers: list[_Viewer], scenario: Scenario, rng: np.random.Generator) -> list[tuple[datetime, _Viewer]]:
    """Who comes when: on six days of ten, in the order of time, as the app's clock only goes forward."""
    found = [
        (START + timedelta(days=day, seconds=int(rng.integers(60, 86_000))), viewer)
        for day in range(scenario.days)
        for viewer in viewers
        if rng.random() < 0.6
    ]
    return sorted(found, key=lambda each: (each[0], each[1].number))


def _session(
    client: TestClient, viewer: _Viewer, at: datetime, scenario: Scenario, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Ask what comes next, then follow it, watch something else, or leave."""
    is_switching = viewer.number < scenario.switching_share * scenario.devices
    unit = f"d_{viewer.number:08x}{at.toordinal():016x}" if is_switching else viewer.unit
    current = VIDEOS[int(rng.integers(len(VIDEOS)))]
    sent = {"current": current, "device_class": viewer.device_class, "unit": unit}
    reply = client.post("/api/v1/next-video", json=sent)
    reply.raise_for_status()
    answer = reply.json()
    items = [item["content_id"] for item in answer["items"]]
    arm = answer["experiment"]["arm"]
    name = f"{viewer.number}-{at.timestamp():.0f}"
    yield _event(viewer, at, f"r-{name}", event="recommendation", content_id=current, use_case="next-video", arm=arm,
                 items=items)  # fmt: skip
    chosen = None
    if items and rng.random() < scenario.follow[arm]:
        chosen = items[0]
    elif rng.random() < BY_THEMSELVES:
        chosen = VIDEOS[int(rng.integers(len(VIDEOS)))]
    if chosen is not None:
        yield from _views(viewer, at + timedelta(seconds=30), f"p-{name}", chosen, _seconds(viewer, rng))


def _seconds(viewer: _Viewer, rng: np.random.Generator) -> float:
    return float(min(viewer.habit_s * rng.exponential(), LENGTH_S))


def _views(
    viewer: _Viewer, at: datetime, playback_id: str, content_id: str, seconds: float
) -> Iterator[dict[str, Any]]:
    """The first and the last report of a playback that begins at ``at``."""
    for name, played in (("first", min(1.0, seconds)), ("last", seconds)):
        yield _event(
            viewer, at + timedelta(seconds=played), f"{name}-{playback_id}", event="view", content_id=content_id,
            playback_id=playback_id, watched_s=round(played, 1), position_s=round(played, 1), duration_s=LENGTH_S,
        )  # fmt: skip


def _event(viewer: _Viewer, at: datetime, event_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": event_id, "at": at.isoformat(), "ip": f"84.130.{viewer.number // 250}.{1 + viewer.number % 250}",
        "mac": viewer.mac, "device_class": viewer.device_class, "page": "/start",
        "consent": {"personalisation": True, "advertising": False},
    } | fields  # fmt: skip


def _video(content_id: str) -> dict[str, Any]:
    at = (START - timedelta(days=60)).isoformat()
    return {
        "content_id": content_id, "kind": "video", "title": content_id, "path": f"/filme/{content_id}",
        "genre": "fiction", "audience": "general", "collection": None, "series_id": None, "season": None,
        "episode": None, "duration_s": LENGTH_S, "published_at": at, "available_from": None, "available_until": None,
        "playable": True, "categories": [], "updated_at": at,
    }  # fmt: skip


def _land(root: Path, kind: str, rows: list[dict[str, Any]]) -> None:
    (root / kind).mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (root / kind / f"{kind}.jsonl").write_text(text, encoding="utf-8")
