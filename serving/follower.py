"""Commands beside the server, each a child process that is started again with growing patience."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

from core.logs import progress
from core.paths import PROJECT_ROOT

_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 60.0
_STEADY_AFTER_SECONDS = 60.0
_GRACE_SECONDS = 10


class Follower:
    """Keeps ``mediathek ...`` running. Under the project's guard it ends however this process ends.

    Args:
        arguments: of ``mediathek``; the first is its name in messages.
        environment: of the child.
        niceness: how much the child gives way to the server.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], niceness: int = 0) -> None:
        self._arguments = arguments
        self._niceness = niceness
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"follower-{arguments[0]}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask the child to end, and start it no more; returns at once."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()

    def stop(self) -> None:
        """End the child and wait for it."""
        self.ask_to_stop()
        self._thread.join(timeout=2 * _GRACE_SECONDS)

    def _keep(self) -> None:
        delay = _FIRST_DELAY_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = self._start()
            code = self._process.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - began > _STEADY_AFTER_SECONDS:
                delay = _FIRST_DELAY_SECONDS
            progress(f"mediathek {self._arguments[0]} ended (exit code {code}); starting it again in {delay:.0f} s")
            self._stopping.wait(delay)
            delay = min(2 * delay, _LONGEST_DELAY_SECONDS)

    def _start(self) -> subprocess.Popen[bytes]:
        guard = (sys.executable, "-S", str(PROJECT_ROOT / "guard.py"), str(os.getpid()), str(_GRACE_SECONDS))
        nice = ("nice", "-n", str(self._niceness)) if self._niceness else ()
        command = (*guard, *nice, sys.executable, "-m", "mediathek", *self._arguments)
        return subprocess.Popen(
            command,
            env=self._environment,
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # what the server prints stays its own
            start_new_session=True,  # Ctrl-C reaches the server, which ends it in order
        )
