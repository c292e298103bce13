"""dbt, started ahead in a process of its own: it imports and reads its project while others still work."""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Any, Self

from core.errors import StageError
from core.settings import Settings, child_environment
from core.warehouse.project import PROJECT, environment, variables

_MODULE = "core.warehouse.builder_process"
_FAILED = ("error", "fail", "runtime error")
_REASON_LINES = 3


@dataclass(frozen=True)
class NodeResult:
    """What became of one node of the project (a model or a test)."""

    name: str
    status: str
    seconds: float
    message: str


class Builder:
    """One dbt process for one command. It dies with us: a killed build leaves no dbt behind that still writes."""

    def __init__(self, settings: Settings) -> None:
        """Start the process and return at once."""
        self._channel, theirs = socket.socketpair()
        self._lines = self._channel.makefile("rb")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        self._is_loaded = False
        place = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        place += ["--vars", json.dumps(variables(settings))]
        settings.paths.dbt_target.mkdir(parents=True, exist_ok=True)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(theirs.fileno()), json.dumps(place)],
                env=child_environment(settings, environment(settings.paths)),
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=(theirs.fileno(),),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it does, and wait for it."""
        self._process.kill()
        self._process.wait()
        self._lines.close()
        self._channel.close()
        self._said.close()

    @property
    def process_id(self) -> int:
        return self._process.pid

    def wait_until_loaded(self) -> None:
        """Return when dbt has read its project.

        Raises:
            StageError: it could not.
        """
        if not self._is_loaded:
            answer = self._answer("start")
            if answer.get("error"):
                raise StageError(f"warehouse: dbt cannot read its project: {_first_lines(answer['error'])}")
            self._is_loaded = True

    def run(self, command: list[str], lock: int) -> list[NodeResult]:
        """Run one dbt command to its end and return its nodes; ``lock`` stays open in the process until it ends.

        Raises:
            StageError: a node failed (the first one is named, with the first lines of its reason) or dbt did not start.
        """
        self.wait_until_loaded()
        with contextlib.suppress(OSError):  # a process that is gone gives no answer, and of that we tell
            socket.send_fds(self._channel, [json.dumps(command).encode() + b"\n"], [lock])
        answer = self._answer(command[0])
        self._process.wait()  # only then is the DuckDB file free
        nodes = [NodeResult(*node) for node in answer["nodes"]]
        failed = next((node for node in nodes if node.status in _FAILED), None)
        if failed:
            raise StageError(f"warehouse: {failed.name} ({failed.status}): {_first_lines(failed.message)}")
        if answer["error"]:
            raise StageError(f"warehouse: dbt {command[0]} failed: {_first_lines(answer['error'])}")
        return nodes

    def _answer(self, doing: str) -> dict[str, Any]:
        line = b""
        with contextlib.suppress(ConnectionError):
            line = self._lines.readline()
        if not line:
            code = self._process.wait()
            self._said.seek(0)
            last = self._said.read().decode(errors="replace").strip().splitlines()[-1:]
            how = f"signal {-code} (out of memory?)" if code < 0 else f"exit code {code}"
            raise StageError(f"warehouse: dbt's process ended with {how} at {doing}: {' '.join(last)[:300]}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def run_dbt(settings: Settings, command: list[str], lock: int) -> list[NodeResult]:
    """Run one dbt command from its start to its end: see ``Builder.run``."""
    with Builder(settings) as builder:
        return builder.run(command, lock)


def _first_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[:_REASON_LINES])
