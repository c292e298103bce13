"""Serving's append-only log: one record an answer, durable within a second, never in the way of a request.

``<home>/decision_log/hour=YYYY-MM-DDTHH/<writer>.jsonl`` by the time of the decision; one file a writer, so that two
processes never share one. After a failed write the file is cut back and left; the records go to a new one, for a failed
fsync must not be tried again on the same file. A record may then be there twice, under the same ``decision_id``.
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from core.storage import fsync_directory

_log = logging.getLogger("mediathek")
_MAX_WAITING = 100_000
Record = tuple[datetime, Mapping[str, Any]]


class DecisionLog:
    """Takes records from requests and writes them in groups from one background thread."""

    def __init__(
        self,
        folder: Path,
        flush_seconds: float,
        on_error: Callable[[], None] = lambda: None,
        on_lost: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._flush_seconds = flush_seconds
        self._on_error = on_error
        self._on_lost = on_lost
        self._waiting: list[Record] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decision log", daemon=True)
        self._file: _HourFile | None = None
        self.error: str | None = None

    def start(self) -> None:
        self._thread.start()

    def append(self, decided_at: datetime, record: Mapping[str, Any]) -> None:
        """Take one record; returns at once. Beyond what memory should hold, the oldest are given up and counted."""
        with self._lock:
            self._waiting.append((decided_at, record))
            self._give_up_oldest()

    def waiting(self) -> int:
        return len(self._waiting)

    def stop(self) -> None:
        """Write what is left and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self.flush()
        with self._writing:
            if self._file is not None:
                self._file.close()
                self._file = None

    def flush(self) -> None:
        """Write and fsync all records taken so far; on failure they wait for the next time."""
        with self._writing:  # the end of the server may come while the background thread still writes
            with self._lock:
                records, self._waiting = self._waiting, []
            if not records:
                return
            done = 0
            try:
                for hour, group in _by_hour(records):
                    self._file_of(hour).write(group)
                    done += len(group)
                self.error = None
            except OSError as error:
                self._fail(error, records[done:])

    def _run(self) -> None:
        while not self._stopping.wait(self._flush_seconds):
            try:
                self.flush()
            except Exception:  # e.g. a record that is no JSON: the thread must live
                _log.exception("decision log: a group of records was given up")
                self._on_error()

    def _file_of(self, hour: str) -> "_HourFile":
        if self._file is None or self._file.hour != hour:
            if self._file is not None:
                self._file.close()
                self._file = None
            self._file = _HourFile(self._folder, hour)
        return self._file

    def _fail(self, error: OSError, left: list[Record]) -> None:
        if self._file is not None:
            self._file.abandon()
            self._file = None
        if self.error is None:
            _log.error("decision log: %s; records wait in memory", error)
        self.error = f"{type(error).__name__}: {error}"
        self._on_error()
        with self._lock:
            self._waiting = left + self._waiting
            self._give_up_oldest()

    def _give_up_oldest(self) -> None:
        if (surplus := len(self._waiting) - _MAX_WAITING) > 0:
            del self._waiting[:surplus]
            self._on_lost(surplus)


class _HourFile:
    """One file of one hour."""

    def __init__(self, folder: Path, hour: str) -> None:
        self.hour = hour
        directory = folder / f"hour={hour}"
        directory.mkdir(parents=True, exist_ok=True)
        writer = f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(4)}"
        self._descriptor = os.open(directory / f"{writer}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        self._durable_bytes = 0
        fsync_directory(directory)
        fsync_directory(folder)

    def write(self, records: list[Record]) -> None:
        """Append records and make them durable."""
        data = b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for _, record in records)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.fsync(self._descriptor)
        self._durable_bytes += len(data)

    def abandon(self) -> None:
        """Cut off what a failed write left, so that no torn line stays, and close."""
        with suppress(OSError):
            os.ftruncate(self._descriptor, self._durable_bytes)
        with suppress(OSError):
            self.close()

    def close(self) -> None:
        os.close(self._descriptor)


def _by_hour(records: list[Record]) -> list[tuple[str, list[Record]]]:
    """Runs of records of the same hour, in order."""
    groups: list[tuple[str, list[Record]]] = []
    for record in records:
        hour = record[0].strftime("%Y-%m-%dT%H")
        if not groups or groups[-1][0] != hour:
            groups.append((hour, []))
        groups[-1][1].append(record)
    return groups
