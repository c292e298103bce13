"""From a batch run to the live consumer: a state, and the newest commit that is in it.

While the live consumer runs it is the only one that writes artefacts. A batch run leaves its state here; the consumer
loads it, takes into it the commits that came since, says in the feed what differs from its own, and goes on with it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.algorithms.households.model import Households
from core.errors import StageError
from core.paths import Paths
from training.households import checkpoint, ownership, publication

ALL = "~"
"""Sorts after every name."""


@dataclass(frozen=True)
class HandedOver:
    """A batch run's result."""

    name: str
    state: Path
    batch_id: int


def hand_over(paths: Paths, households: Households, batch_id: int, as_of: datetime) -> HandedOver:
    """Leave a refreshed state that holds all commits up to ``batch_id``; again with the same two is no change."""
    target = paths.household_handover / f"{batch_id:012d}-{int(as_of.timestamp() * 1000):015d}"
    with _written(paths, fcntl.LOCK_EX):
        if not target.exists():
            checkpoint.write_state(target, households, {"batch_id": batch_id})
    return HandedOver(target.name, checkpoint.state_of(target), batch_id)


def deliver(paths: Paths, households: Households, batch_id: int, as_of: datetime) -> bool:
    """End a batch run: hand its state over, and publish it unless a live consumer runs, which will.

    Returns:
        whether it was published here.

    Raises:
        StageError: another batch run, or an erasure, writes at the moment.
    """
    hand_over(paths, households, batch_id, as_of)
    with ownership.tried(paths, "batch") as holder:
        if holder is None:
            publication.publish(paths, households, batch_id, seq=None)
            return True
    if not holder.startswith(ownership.LIVE):
        raise StageError(f"households: {holder} writes below {paths.households}; run again when it has ended")
    return False


def waiting(paths: Paths, after: str = "") -> list[HandedOver]:
    """Return what was handed over and not taken up, newest last."""
    folders = sorted(folder for folder in paths.household_handover.glob("[0-9]*-*") if folder.name > after)
    return [HandedOver(f.name, checkpoint.state_of(f), checkpoint.read_position(f)["batch_id"]) for f in folders]


def sweep(paths: Paths) -> None:
    """Remove what a killed batch run left, unless one is writing."""
    with suppress(BlockingIOError), _written(paths, fcntl.LOCK_EX | fcntl.LOCK_NB):
        checkpoint.sweep(paths.household_handover)


def clear(paths: Paths, up_to: str) -> None:
    """Remove what was taken up, and what is older."""
    for folder in paths.household_handover.glob("[0-9]*-*"):
        if folder.name <= up_to:
            gone = folder.with_name(f".{folder.name}.tmp")
            folder.rename(gone)
            shutil.rmtree(gone)


@contextmanager
def _written(paths: Paths, operation: int) -> Iterator[None]:
    """Hold the folder while writing to it; the lock dies with its process."""
    paths.household_handover.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(paths.household_handover / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)
