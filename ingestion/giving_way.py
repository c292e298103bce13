"""Who follows a topic holds the right to ingest as long as it runs; it gives way to whoever asks for the lake.

Asking is holding a lock that dies with its process, so that nobody waits for one that was killed.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.logs import progress
from core.paths import Paths
from ingestion.fence import HeldError, held

_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 30.0


@contextmanager
def asked(paths: Paths) -> Iterator[None]:
    """Ask followers to give way until this ends."""
    descriptor = _open(paths)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def given_way(paths: Paths, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Ask followers to give way, and begin once nobody ingests; who goes on all the same is told by who comes next."""
    with asked(paths):
        ends_at = time.monotonic() + patience_seconds
        while not _is_free(paths) and time.monotonic() < ends_at:
            time.sleep(_LOOK_SECONDS)
        yield


def is_asked(paths: Paths) -> bool:
    """Tell whether somebody asks."""
    if not _file(paths).exists():
        return False
    descriptor = _open(paths)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def following(paths: Paths, is_stopped: Callable[[], bool], follow: Callable[[Callable[[], bool]], object]) -> None:
    """Follow until stopped; while somebody asks, let go and go on after; while somebody else follows, stand by.

    Args:
        follow: follows until the function that it is given says so, holding the right to ingest.
    """
    is_standing_by = False
    while not is_stopped():
        try:
            follow(_stopped_or_asked(paths, is_stopped))
            is_standing_by = False
        except HeldError as error:
            if not is_standing_by:
                progress(f"standing by: {error}")
            is_standing_by = True
            time.sleep(_LOOK_SECONDS)
        while is_asked(paths) and not is_stopped():
            time.sleep(_LOOK_SECONDS)


def _stopped_or_asked(paths: Paths, is_stopped: Callable[[], bool]) -> Callable[[], bool]:
    looked_at = time.monotonic()

    def answer() -> bool:
        nonlocal looked_at
        if is_stopped():
            return True
        if time.monotonic() - looked_at < 1:
            return False
        looked_at = time.monotonic()
        return is_asked(paths)

    return answer


def _is_free(paths: Paths) -> bool:
    try:
        with held(paths):
            return True
    except HeldError:
        return False


def _file(paths: Paths) -> Path:
    return paths.ledger / "asked"


def _open(paths: Paths) -> int:
    paths.ledger.mkdir(parents=True, exist_ok=True)
    return os.open(_file(paths), os.O_RDWR | os.O_CREAT, 0o644)
