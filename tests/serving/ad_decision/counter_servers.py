"""Real Redis and PostgreSQL servers for a test, where they are installed; ended with it."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_PATIENCE_SECONDS = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def redis_server(fsync: str = "always") -> Iterator[str]:
    """Yield its address."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian package redis-server)")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        options = ["--port", str(port), "--dir", folder, "--appendonly", "yes", "--appendfsync", fsync, "--save", ""]
        with _running([program, *options, "--bind", "127.0.0.1"], port):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield its address; the server runs as somebody else where the tests run as root, which it refuses."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *filter(None, [shutil.which("initdb")])]
    if not found:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    programs = Path(found[0]).parent
    with tempfile.TemporaryDirectory() as folder:
        who: dict[str, Any] = {"user": "nobody", "cwd": folder} if os.getuid() == 0 else {"cwd": folder}
        if who.get("user"):
            shutil.chown(folder, "nobody")
        data, port = Path(folder) / "data", free_port()
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "ads", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"],
            check=True, capture_output=True, **who,
        )  # fmt: skip
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", folder, "-h", "127.0.0.1"]
        with _running(command, port, **who):
            yield f"postgresql://ads@127.0.0.1:{port}/postgres"


@contextmanager
def _running(command: list[str], port: int, **how: Any) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)
    try:
        _wait(lambda: _answers(port) or process.poll() is not None)
        assert process.poll() is None, f"{command[0]} did not start"
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "a server did not start in time"
        time.sleep(0.05)
