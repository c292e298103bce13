"""Who may write below ``paths.households``: one process at a time, by a lock that dies with it.

The live consumer holds it while it runs, a batch run while it publishes. A batch run that finds it taken by the live
consumer hands over what it found (``training.households.handover``) and publishes nothing itself.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import StageError
from core.paths import Paths

LIVE = "live"


@contextmanager
def owned(paths: Paths, who: str) -> Iterator[None]:
    """Hold the right to write.

    Raises:
        StageError: another process holds it; it is named.
    """
    with tried(paths, who) as holder:
        if holder is not None:
            raise StageError(
                f"households: {holder} writes below {paths.households} already; wait for its end or stop it"
            )
        yield


@contextmanager
def tried(paths: Paths, who: str) -> Iterator[str | None]:
    """Try to hold the right to write; yields None if it is held now, else who holds it, e.g. ``live 4711``."""
    paths.households.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(paths.household_lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield os.read(descriptor, 64).decode(errors="replace").strip() or "another process"
            return
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{who} {os.getpid()}".encode(), 0)
        yield None
    finally:
        os.close(descriptor)
