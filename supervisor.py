"""Processes that are kept running: started, restarted with back-off, logged, and ended all together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import guard

_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 60.0
_LONGEST_GRACE_SECONDS = 20.0
_STEADY_AFTER_SECONDS = 60.0
"""A process that lived this long starts the next back-off from the beginning."""


@dataclass(frozen=True)
class Service:
    """A process to keep running; everything it says goes to ``log``."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    grace_seconds: float = 10.0


@dataclass
class _Running:
    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay: float = _FIRST_DELAY_SECONDS
    due_at: float = field(default=0.0)


class Supervisor:
    """Keeps services running. Not thread-safe: call it from the main thread only (the kernel ties the parent-death
    signal to the thread that started a process)."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._running: dict[str, _Running] = {}
        self._single: list[subprocess.Popen[bytes]] = []
        self._others = set(guard.children(os.getpid()))
        guard.adopt_orphans()

    def keep(self, service: Service) -> None:
        """Start a service and keep it running from now on."""
        running = _Running(service)
        self._running[service.name] = running
        self._start(running)

    def start_once(self, service: Service) -> subprocess.Popen[bytes]:
        """Start a process that ends by itself; it is not started again, but it ends with all others."""
        process = _start_guarded(service)
        self._single.append(process)
        return process

    def tick(self) -> None:
        """Notice what ended and start what is due; call it every half second or so."""
        for running in self._running.values():
            if running.process is None:
                if time.monotonic() >= running.due_at:
                    self._start(running)
                continue
            code = running.process.poll()
            if code is not None:
                self._note_end(running, code)

    def stop(self) -> None:
        """End all services and everything below them, the last started first; returns when nothing is left."""
        kept = [running.process for running in self._running.values() if running.process is not None]
        alive = [process for process in reversed(self._single + kept) if process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        for process in alive:
            try:
                process.wait(_LONGEST_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        self._single.clear()
        self._end_strays()

    def _start(self, running: _Running) -> None:
        self._end_strays()
        running.process = _start_guarded(running.service)
        running.started_at = time.monotonic()

    def _note_end(self, running: _Running, code: int) -> None:
        """Plan the restart, later each time, and say so."""
        lived = time.monotonic() - running.started_at
        if lived > _STEADY_AFTER_SECONDS:
            running.delay = _FIRST_DELAY_SECONDS
        running.process = None
        running.due_at = time.monotonic() + running.delay
        self._say(
            f"{running.service.name} ended ({_how(code)}) after {lived:.0f} s; "
            f"starting it again in {running.delay:.0f} s; log: {running.service.log}"
        )
        running.delay = min(2 * running.delay, _LONGEST_DELAY_SECONDS)
        self._end_strays()

    def _end_strays(self) -> None:
        """End what a killed guard left behind: the kernel handed it to us, and nobody here started it."""
        while strays := set(guard.children(os.getpid())) - self._known():
            for stray in strays:
                guard.end_descendants(stray, grace_seconds=1.0)
                try:
                    os.kill(stray, signal.SIGKILL)
                    os.waitpid(stray, 0)
                except (ProcessLookupError, ChildProcessError):
                    continue

    def _known(self) -> set[int]:
        kept = {running.process.pid for running in self._running.values() if running.process is not None}
        return self._others | kept | {process.pid for process in self._single}


def _start_guarded(service: Service) -> subprocess.Popen[bytes]:
    """Start a service under a guard of its own, in a session of its own: Ctrl-C reaches only the supervisor."""
    service.log.parent.mkdir(parents=True, exist_ok=True)
    guarded = (sys.executable, "-S", guard.__file__, str(os.getpid()), str(service.grace_seconds), *service.command)
    with service.log.open("ab") as log:
        return subprocess.Popen(
            guarded,
            env=dict(service.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
