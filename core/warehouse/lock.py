"""One process writes the warehouse at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import StageError
from core.paths import Paths

_WAIT_SECONDS = 5.0  # a killed build's dbt needs a moment to be gone


@contextmanager
def exclusive(paths: Paths, wait_seconds: float = _WAIT_SECONDS) -> Iterator[int]:
    """Hold the warehouse's lock; yields its descriptor, left open in dbt so that the lock lives as long as dbt does.

    Raises:
        StageError: another process holds it.
    """
    file = paths.warehouse.parent / "lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, wait_seconds: float) -> None:
    tries = int(wait_seconds * 10)
    for attempt in range(tries + 1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt == tries:
                holder = os.pread(descriptor, 20, 0).decode() or "unknown"
                raise StageError(
                    f"warehouse: another build is running (process {holder}); wait for it to end, then run this again"
                ) from None
            time.sleep(0.1)
        else:
            return
