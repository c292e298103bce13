"""A real server that speaks MongoDB's protocol: FerretDB over SQLite (`make ferretdb`), on loopback, gone with the tests."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.paths import PROJECT_ROOT

BINARY = PROJECT_ROOT / ".cache" / "ferretdb" / "ferretdb"
_BUILD_SECONDS = 540
_READY_SECONDS = 60
_GRACE_SECONDS = 5


class ServerMissingError(Exception):
    """Why there is no server here."""


class Server:
    """One server; it can be ended and started again over the same data and under the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._host = f"127.0.0.1:{free.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, database: str) -> str:
        return f"mongodb://{self._host}/{database}"

    def start(self) -> None:
        """Under the project's guard: it ends with this process even if that is killed."""
        guarded = [sys.executable, "-S", str(PROJECT_ROOT / "guard.py"), str(os.getpid()), str(_GRACE_SECONDS)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*guarded, str(BINARY), self._host, str(self._folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        host, port = self._host.split(":")
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end:
            assert self._process.poll() is None, (self._folder / "server.log").read_text()
            with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError((self._folder / "server.log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_GRACE_SECONDS + 10)
            self._process = None


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Build the server if it is not there, start it, and end it.

    Raises:
        ServerMissingError: there is no Go, or it could not be built.
    """
    _build()
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _build() -> None:
    if BINARY.exists():
        return
    if shutil.which("go") is None or shutil.which("make") is None:
        raise ServerMissingError("FerretDB is not in .cache/ferretdb, and there is no Go for `make ferretdb`")
    done = subprocess.run(
        ["make", "ferretdb"], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False
    )
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise ServerMissingError(f"`make ferretdb` failed: {' '.join(last)}")
