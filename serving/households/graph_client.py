"""Asks the process that holds the graph; starts it at the first question, and again if it died."""

import logging
import subprocess
import sys
import threading
from dataclasses import asdict
from typing import Any

import orjson

from core.paths import PROJECT_ROOT, Paths
from serving.households.selection import Selection
from serving.households.versions import Versions

_log = logging.getLogger("mediathek")
_GRACE_SECONDS = 5


class GraphClient:
    """Everything comes as bytes, written out in the other process. Blocks: call it from a thread."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.versions = Versions(0)
        """What the other process has told of its versions so far."""
        self.epoch = ""
        self.node_count = 0
        self.status: dict[str, Any] = {}
        """Whether anybody takes up what happens (``serving.households.liveness``), as of the last ``refresh``."""

    @property
    def is_started(self) -> bool:
        return self._process is not None

    def refresh(self) -> None:
        """Take over the versions that are new."""
        with self._lock:
            head, parts = self._ask(do="refresh", after=self.versions.seq, epoch=self.epoch)
            self.epoch, self.node_count, self.status = head["epoch"], head["node_count"], head["status"]
            if not head["is_known"] or parts:
                self.versions.follow(head["seq"], parts if head["is_known"] else None)

    def snapshot(self) -> tuple[int, bytes]:
        """Return a snapshot and its number."""
        with self._lock:
            head, [body] = self._ask(do="snapshot")
            return head["seq"], body

    def selected(self, selection: Selection) -> bytes | None:
        """Return a part of the graph; None where its household is not known."""
        with self._lock:
            _, parts = self._ask(do="select", selection=asdict(selection))
            return parts[0] if parts else None

    def described(self, household: str) -> bytes | None:
        """Return one household in full; None where it is not known."""
        with self._lock:
            _, parts = self._ask(do="describe", household=household)
            return parts[0] if parts else None

    def stop(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            if self._process is not None:
                self._end(self._process)
                self._process = None

    def _ask(self, **question: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Ask, and once more if the process has died meanwhile.

        Raises:
            RuntimeError: it could not answer; its log says why.
        """
        for _ in range(2):
            process = self._process = self._process or self._start()
            try:
                head, parts = _exchange(process, question)
            except (OSError, EOFError):
                _log.warning("households: the graph's process ended; starting it again")
                self._end(process)
                self._process = None
                continue
            if head.get("error"):
                break
            return head, parts
        raise RuntimeError("households: the graph could not be asked")

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "serving.households.graph_process", str(self._paths.home)],
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the server, which ends it in order
        )

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.close()
        except OSError:
            pass
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _exchange(process: subprocess.Popen[bytes], question: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(orjson.dumps(question) + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise EOFError
    head = orjson.loads(line)
    parts = [process.stdout.read(size) for size in head["sizes"]]
    if [len(part) for part in parts] != head["sizes"]:
        raise EOFError
    return head, parts
