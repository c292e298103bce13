"""Worker processes that share one home: asked in parallel, killed by count, started again, asked again."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

_IN_FLIGHT = 96
_PATIENCE_SECONDS = 600.0


class Workers:
    """As many as were asked for, each with a thread of its own that feeds it and reads its answers."""

    def __init__(self, home: Path, count: int, is_apart: bool = False) -> None:
        self._arguments = ["--apart"] if is_apart else []
        self._environment = dict(os.environ) | {"MEDIATHEK_HOME": str(home)}
        self._count = count
        self._waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._answers: dict[int, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._kill_at: list[int] = []
        self._errors: list[BaseException] = []
        self.killed = 0

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()

    def ask_all(self, asked: Sequence[dict[str, Any]], kills: int) -> dict[int, dict[str, Any]]:
        """Ask all, killing a worker whenever another share of the answers is there; return the answers by number."""
        for each in asked:
            self._waiting.put(each)
        self._kill_at = [len(asked) * (kill + 1) // (kills + 1) for kill in range(kills)]
        threads = [threading.Thread(target=self._keep, args=(len(asked),), daemon=True) for _ in range(self._count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE_SECONDS)
        if self._errors:
            raise self._errors[0]
        if len(self._answers) != len(asked):
            raise RuntimeError(f"{len(asked) - len(self._answers)} requests were never answered")
        return self._answers

    def _keep(self, wanted: int) -> None:
        try:
            while not self._done.is_set():
                self._run(wanted)
        except BaseException as error:
            self._errors.append(error)
            self._done.set()

    def _run(self, wanted: int) -> None:
        """One life of a worker."""
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ad_caps_worker", *self._arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        under_way: dict[int, dict[str, Any]] = {}
        is_killed = not process.stdout.readline()
        while not is_killed and not self._done.is_set():
            try:
                self._feed(process, under_way)
            except BrokenPipeError:
                break
            line = process.stdout.readline() if under_way else b""
            if not line.endswith(b"\n"):
                break
            is_killed = self._take(json.loads(line), under_way, wanted, process)
        for asked in under_way.values():
            self._waiting.put(asked)
        process.stdout.close()
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        code = process.wait(60)
        if code not in (0, -signal.SIGKILL):
            raise RuntimeError(f"a worker ended with {code}")

    def _feed(self, process: "subprocess.Popen[bytes]", under_way: dict[int, dict[str, Any]]) -> None:
        assert process.stdin is not None
        lines = []
        while len(under_way) < _IN_FLIGHT:
            try:
                asked = self._waiting.get(timeout=0 if under_way else 0.05)
            except queue.Empty:
                break
            under_way[asked["number"]] = asked
            lines.append(json.dumps(asked).encode() + b"\n")
        if lines:
            process.stdin.write(b"".join(lines))
            process.stdin.flush()

    def _take(
        self,
        said: dict[str, Any],
        under_way: dict[int, dict[str, Any]],
        wanted: int,
        process: "subprocess.Popen[bytes]",
    ) -> bool:
        """Keep an answer; True where the worker is killed for it, whatever it has under way."""
        del under_way[said["number"]]
        with self._lock:
            self._answers[said["number"]] = said["answer"]
            if len(self._answers) == wanted:
                self._done.set()
            if not self._kill_at or len(self._answers) < self._kill_at[0]:
                return False
            self._kill_at.pop(0)
            self.killed += 1
        process.kill()
        return True
