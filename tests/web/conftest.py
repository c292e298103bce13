"""A real server over the simulated day, and a real Chromium that looks at it."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from core.paths import PROJECT_ROOT
from tests.simulated_day import MEDIATHEK, Day

TOKEN = "token-of-the-browser-tests"
expect.set_options(timeout=30_000)  # a busy machine is no failure
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if _CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return {"executable_path": _CHROMIUM, "args": [*_FLAGS, "--disable-sync", "--no-first-run"]}


@pytest.fixture(scope="session")
def browser_context_args(base_url: str) -> dict[str, Any]:
    return {"base_url": base_url, "locale": "de-DE", "viewport": {"width": 1200, "height": 900}}


@pytest.fixture(scope="session")
def base_url(day: Day, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that is ready; it is ended after the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("server") / "serve.log"
    environment = {**os.environ, "MEDIATHEK_HOME": str(day.home), "MEDIATHEK_TOKEN": TOKEN}
    command = [MEDIATHEK, "serve", "--port", str(port)]
    with log.open("w") as out, subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT, stderr=out) as server:
        try:
            _wait_until_ready(address, log)
            yield address
        finally:
            server.terminate()
            server.wait(90)


def _wait_until_ready(address: str, log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz") as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"the server did not get ready: {log.read_text()[-2000:]}")
