"""A server over a small home, for modules whose tests change what it serves."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from core.paths import PROJECT_ROOT
from tests.simulated_day import MEDIATHEK
from tests.web.conftest import TOKEN


def serving(home: Path) -> Iterator[str]:
    """Address of a server that listens already, so that requests wait for it; it is ended after the tests."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MEDIATHEK_HOME": str(home), "MEDIATHEK_TOKEN": TOKEN}
    command = [MEDIATHEK, "serve", "--port", str(port), "--json"]
    with subprocess.Popen(
        command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["address"]
        finally:
            server.terminate()
            server.wait(90)
