"""One thread that writes, and one fsync for all that wait: SQLite in WAL mode with ``synchronous=FULL``.

Between processes a file lock hands the turn on; the kernel frees it when its holder is killed, and wakes the next at
once where SQLite's own waiting would sleep. Checkpoints run beside, so that no request waits for one.
"""

import fcntl
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.storage import fsync_directory
from serving.ad_decision.counters import CountersError

_log = logging.getLogger("mediathek")
Job = Callable[[sqlite3.Connection], Any]
_MOST_AT_ONCE = 64
_CHECKPOINT_SECONDS = 1.0
_CHECKPOINT_BYTES = 16_000_000
"""Of the log: once so long it is begun anew, so that it stops growing, and a commit changes no file's length."""


class GroupCommit:
    """Runs jobs in transactions. A job that raises fails alone, so it must write only when nothing can go wrong."""

    def __init__(self, file: Path, schema: str, is_durable: bool = True) -> None:
        """Open or make the database; ``is_durable=False`` leaves the fsync out (a benchmark's baseline)."""
        self._file, self._schema, self._is_durable = file, schema, is_durable
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._connection: sqlite3.Connection | None = None
        self._lock = -1
        self._starting = threading.Lock()
        self._is_started = False
        self._threads = [
            threading.Thread(target=target, name=f"ad counters: {name}", daemon=True)
            for name, target in (("writer", self._run), ("checkpoints", self._checkpoint))
        ]

    def _start(self) -> None:
        """Nothing is opened before it is needed."""
        with self._starting:
            if self._is_started:
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o640)
            self._is_started = True
            for thread in self._threads:
                thread.start()

    def submit(self, job: Job) -> "Future[Any]":
        """Run a job in the next transaction; the future is done when that is durable."""
        future: Future[Any] = Future()
        if self._closing.is_set():
            future.set_exception(CountersError("the counters are closed"))
        else:
            if not self._is_started:
                self._start()
            self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Finish what waits, then end."""
        if self._closing.is_set():
            return
        self._closing.set()
        if not self._is_started:
            return
        self._jobs.put(None)
        for thread in self._threads:
            thread.join(timeout=10)
        os.close(self._lock)

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            group = [first]
            while len(group) < _MOST_AT_ONCE:
                try:
                    more = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    self._jobs.put(None)
                    break
                group.append(more)
            self._commit(group)
        if self._connection is not None:
            self._connection.close()

    def _commit(self, group: list[tuple[Job, "Future[Any]"]]) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            done = self._transaction([job for job, _ in group])
        except (sqlite3.Error, OSError) as error:
            _log.error("ad counters: %s; nothing of this group was given", error)
            self._reset()
            done = [CountersError(f"the counters cannot be written: {error}")] * len(group)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        for (_, future), result in zip(group, done, strict=True):
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _transaction(self, jobs: list[Job]) -> list[Any]:
        connection = self._connection = self._connection or self._open()
        connection.execute("begin immediate")
        done: list[Any] = []
        for job in jobs:
            try:
                done.append(job(connection))
            except sqlite3.Error:
                raise
            except Exception as error:
                done.append(error)
        connection.execute("commit")
        return done

    def _reset(self) -> None:
        """A failed fsync is never tried again: what is on the disk says how to go on."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, isolation_level=None, timeout=10.0, check_same_thread=False)
        connection.execute("pragma journal_mode = wal")
        connection.execute(f"pragma synchronous = {'full' if self._is_durable else 'off'}")
        connection.execute("pragma wal_autocheckpoint = 0")
        connection.execute("pragma secure_delete = on")  # PRV-3: what is deleted is gone from the file
        connection.execute("pragma cache_size = -65536")
        connection.executescript(self._schema)
        fsync_directory(self._file.parent)
        return connection

    def _checkpoint(self) -> None:
        wal = self._file.with_name(self._file.name + "-wal")
        connection: sqlite3.Connection | None = None
        while not self._closing.wait(_CHECKPOINT_SECONDS):
            try:
                if not wal.exists() or wal.stat().st_size < _CHECKPOINT_BYTES:
                    continue
                if connection is None:
                    connection = sqlite3.connect(self._file, timeout=0.0)
                self._begin_log_anew(connection)
            except (sqlite3.Error, OSError) as error:
                _log.warning("ad counters: no checkpoint now (%s)", error)
        if connection is not None:
            connection.close()

    def _begin_log_anew(self, connection: sqlite3.Connection) -> None:
        """Copy nearly all beside the writers, then the rest while they wait: else they would always be ahead."""
        connection.execute("pragma wal_checkpoint(passive)")
        lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection.execute("pragma wal_checkpoint(passive)")
        finally:
            os.close(lock)
