"""One ingestion at a time: a lock that dies with its process, and a fencing token that a stale one cannot match."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import StageError
from core.paths import Paths
from core.storage import write_text

_LOOK_SECONDS = 0.02


class HeldError(StageError):
    """Another process holds the right to ingest."""


class Fence:
    """Held while ingesting. The token is drawn at the first commit, so that a run without news changes nothing."""

    def __init__(self, paths: Paths, descriptor: int, previous_holder: str = "") -> None:
        self.is_held_again = previous_holder == str(os.getpid())
        """Nobody has held it since this process did."""
        self._paths = paths
        self._descriptor = descriptor
        self._token: int | None = None

    @property
    def token(self) -> int:
        if self._token is None:
            self._token = _current_token(self._paths) + 1
            write_text(self._paths.ledger / "fence", str(self._token))
        return self._token

    def check(self) -> None:
        """Raise StageError if somebody else has taken over since (the lock file removed, a newer token drawn)."""
        lock = self._paths.ledger / "lock"
        is_ours = lock.exists() and lock.stat().st_ino == os.fstat(self._descriptor).st_ino
        if not is_ours or _current_token(self._paths) != self.token:
            raise StageError("ingest: another ingestion has taken over; nothing of this one was committed; run again")


def _current_token(paths: Paths) -> int:
    file = paths.ledger / "fence"
    return int(file.read_text()) if file.exists() else 0


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def held(paths: Paths, patience_seconds: float = 0.0) -> Iterator[Fence]:
    """Hold the one right to ingest into this home; with patience, wait for whoever has it for a moment only.

    Raises:
        HeldError: another process holds it; its id is named.
    """
    paths.ledger.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(paths.ledger / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    ends_at = time.monotonic() + patience_seconds
    while not (is_ours := _locked(descriptor)) and time.monotonic() < ends_at:
        time.sleep(_LOOK_SECONDS)
    if not is_ours:
        holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise HeldError(f"ingest: process {holder} is ingesting into {paths.home} already; wait for its end or stop it")
    try:
        previous_holder = os.pread(descriptor, 32, 0).decode(errors="replace")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield Fence(paths, descriptor, previous_holder)
    finally:
        os.close(descriptor)
