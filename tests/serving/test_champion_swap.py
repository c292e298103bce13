"""A real server, a real MLflow registry, requests all the while: the champion changes and nobody notices (NV-T5)."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.contracts.exports import CHAMPION, REGISTERED_MODEL
from core.settings import child_environment

pytestmark = pytest.mark.slow
ROUTE = "/api/v1/next-video"
REQUEST = {"current": "film-1", "device_class": "tv"}


class Asking(threading.Thread):
    """Asks all the time, over one connection, and keeps every answer."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address = address
        self.answers: list[tuple[int, str]] = []
        self.is_enough = False

    def run(self) -> None:
        with httpx.Client(base_url=self.address, timeout=30) as client:
            while not self.is_enough:
                response = client.post(ROUTE, json=REQUEST)
                model = response.json().get("model") or {}
                self.answers.append((response.status_code, model.get("version", "")))
                time.sleep(0.01)


@pytest.fixture
def address(world: Any) -> Iterator[str]:
    """A real ``mediathek serve`` on a free port; it must end with exit code 0."""
    server = subprocess.Popen(
        [sys.executable, "-m", "mediathek", "serve", "--port", "0", "--json"],
        env=child_environment(world.settings, {"MEDIATHEK_TOKEN": "t", "MEDIATHEK_SERVING__MODEL_POLL_SECONDS": "0.5"}),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    yield json.loads(server.stdout.readline())["address"]
    server.terminate()
    assert server.wait(30) == 0
    server.stdout.close()


def register(world: Any, name: str, spoil: Callable[[Path], None] = lambda _: None) -> str:
    """Log a run, register its bundle, make it champion, as training and its gates do; return the version."""
    from training import runs

    artifacts = world.settings.home / f"artifacts-{name}"
    artifacts.mkdir()
    world.bundle(name).rename(artifacts / "bundle")
    spoil(artifacts / "bundle")
    store = runs.client(world.settings)
    run = runs.RunRecord(name, name, datetime.now(UTC), {}, {}, [], {}, artifacts)
    version = str(runs.record(world.settings, store, run))
    store.set_registered_model_alias(REGISTERED_MODEL, CHAMPION, version)
    return version


def wait_for(condition: Callable[[], bool], seconds: float) -> float:
    """Seconds until a condition holds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - began


def truncate(bundle: Path) -> None:
    file = bundle / "all" / "items.npy"
    file.write_bytes(file.read_bytes()[:100])


@pytest.mark.timeout(300)
def test_a_new_champion_is_served_within_ten_seconds_and_no_request_fails(world: Any, address: str) -> None:
    first = register(world, "1")

    def readiness() -> Any:
        return httpx.get(f"{address}/readyz").json()

    wait_for(lambda: bool(readiness()["ready"]), 120)
    asking = Asking(address)
    asking.start()
    wait_for(lambda: len(asking.answers) > 20, 60)
    second = register(world, "2")
    wait_for(lambda: asking.answers[-1][1] == second, 60)  # 10 s where nothing else runs: benchmarks are for speed
    register(world, "3", truncate)
    wait_for(lambda: readiness()["model"]["error"] is not None, 30)
    before = len(asking.answers)
    wait_for(lambda: len(asking.answers) > before + 20, 60)
    asking.is_enough = True
    asking.join()

    assert {status for status, _ in asking.answers} == {200}
    versions = [version for _, version in asking.answers]
    assert versions == sorted(versions)  # the first, then the second, never back
    assert set(versions) == {first, second}
    assert "does not load" in readiness()["model"]["error"]
    records = world.settings.paths.decision_log.glob("hour=*/*.jsonl")
    assert sum(len(file.read_text().splitlines()) for file in records) >= len(asking.answers) - 50
