"""What breaks around a server, caused for real: nothing of it costs an answer, a rule or a decision (issue: Faults)."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from core.settings import child_environment
from serving.app import create_app
from serving.decision_log import DecisionLog

ROUTE = "/api/v1/next-video"
REQUEST = {"current": "film-1", "device_class": "tv"}
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes: the kernel refuses the write as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def ids(folder: Path) -> list[str]:
    lines = [line for file in sorted(folder.glob("hour=*/*.jsonl")) for line in file.read_text().splitlines()]
    return [json.loads(line)["decision_id"] for line in lines]


def test_a_disk_that_fills_while_decisions_are_written_loses_none_and_tears_none(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path, 1.0)
    log.append(AT, {"decision_id": "first"})
    log.flush()
    with disk_full_after(100):
        for number in range(20):
            log.append(AT, {"decision_id": f"later-{number}"})
        log.flush()
        assert log.error is not None
        assert ids(tmp_path)[0] == "first"
    log.flush()
    log.stop()
    assert log.error is None
    assert sorted(set(ids(tmp_path))) == sorted({"first", *(f"later-{number}" for number in range(20))})


@pytest.mark.parametrize("kept", [0, 2])
def test_a_catalogue_emptied_or_halved_is_refused_and_the_last_good_one_goes_on(world: Any, kept: int) -> None:
    with world.running() as client:
        before = client.post(ROUTE, json=REQUEST).json()
        world.write_catalogue(world.rows[:kept])
        world.until(lambda: client.get("/readyz").json()["catalogue"]["error"] is not None)
        assert client.get("/readyz").status_code == 200
        assert client.post(ROUTE, json=REQUEST).json() == before
        world.write_catalogue(world.rows)
        world.until(lambda: client.get("/readyz").json()["catalogue"]["error"] is None)


def test_a_registry_that_is_away_costs_no_answer(world: Any) -> None:
    with world.running() as client:
        before = client.post(ROUTE, json=REQUEST).json()

        def away() -> Any:
            raise OSError("the registry's disk is not there")

        world.champions.latest = away
        world.until(lambda: client.get("/readyz").json()["model"]["error"] is not None)
        assert client.post(ROUTE, json=REQUEST).json() == before


def test_a_clock_that_jumps_breaks_no_rule_and_puts_records_into_the_hour_they_say(world: Any) -> None:
    """NV-C1 is judged by the clock of the request, whichever way it goes: what is announced for tomorrow comes then."""
    times = [world.now, world.now + timedelta(days=2), world.now - timedelta(hours=3), world.now]
    now = [world.now]
    app = create_app(world.settings, lambda: now[0], world.champions)
    with TestClient(app, raise_server_exceptions=False) as client:
        world.until(lambda: client.get("/readyz").status_code == 200)
        shown = []
        for at in times:
            now[0] = at
            answer = client.post(f"{ROUTE}?explain=true", json=REQUEST | {"limit": 100})
            assert answer.status_code == 200
            shown.append("announced" in [item["content_id"] for item in answer.json()["items"]])
        assert shown == [False, True, False, False]
        world.until(lambda: len(ids(world.settings.paths.decision_log)) == 4)
    hours = sorted(folder.name for folder in world.settings.paths.decision_log.iterdir())
    assert hours == sorted({f"hour={at:%Y-%m-%dT%H}" for at in times})


@pytest.mark.slow
def test_a_worker_killed_under_load_loses_no_decision_that_is_a_second_old(world: Any) -> None:
    """OPS-1: the other worker answers on; the supervisor starts a new one."""
    server = subprocess.Popen(
        [sys.executable, "-m", "mediathek", "serve", "--port", "0", "--workers", "2", "--json"],
        env=child_environment(world.settings, {"MEDIATHEK_TOKEN": "t"}),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        address = json.loads(server.stdout.readline())["address"]
        world.until(lambda: is_answering(address))
        answered: list[tuple[float, str]] = []
        killed_at = 0.0
        for number in range(120):
            if number == 60:
                killed_at = time.monotonic()
                os.kill(worker_of(server.pid), signal.SIGKILL)
            try:
                reply = httpx.post(address + ROUTE, json={"current": "serie-1", "device_class": "tv"}, timeout=30)
            except httpx.TransportError:  # it was being answered by the one that died
                continue
            assert reply.status_code == 200
            answered.append((time.monotonic(), reply.headers["x-decision-id"]))
            time.sleep(0.03)
    finally:
        server.terminate()
        server.wait(90)
        server.stdout.close()
    assert len(answered) > 100
    promised = {decision_id for at, decision_id in answered if at < killed_at - 1 or at > killed_at + 1}
    assert promised <= set(ids(world.settings.paths.decision_log))


def is_answering(address: str) -> bool:
    try:
        return httpx.post(address + ROUTE, json={"current": "serie-1", "device_class": "tv"}).status_code == 200
    except httpx.TransportError:
        return False


def worker_of(pid: int) -> int:
    """Process id of one of a server's workers: a child that serves, not the resource tracker."""
    import psutil

    children = psutil.Process(pid).children(recursive=True)
    return next(int(child.pid) for child in children if "spawn_main" in " ".join(child.cmdline()))
