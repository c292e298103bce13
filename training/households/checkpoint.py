"""Checkpoints: the state, and how far the ledger and the feed were when it was so. Whole or not there at all."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.algorithms.households.model import Households
from core.errors import StageError
from core.storage import fsync_directory, fsync_file

_STATE = "state"
_POSITION = "position.json"


@dataclass(frozen=True)
class Position:
    """How far a state is: the last commit taken (and so each file's and topic's offset), the last step written."""

    batch_id: int = 0
    seq: int = 0
    now_ms: int = 0
    """The newest time of a commit; it never goes back, whatever time a commit was made for."""
    taken_over: str = ""
    """The last hand-over taken up."""
    erased: str = ""
    """The last orders to forget that were carried out: what is left of them is only their files."""


def save(folder: Path, households: Households, position: Position) -> None:
    """Make a new checkpoint, then remove the older ones."""
    folder.mkdir(parents=True, exist_ok=True)
    number = max((n for n, _ in _checkpoints(folder)), default=0) + 1
    write_state(folder / f"{number:012d}", households, asdict(position))
    _remove_before(folder, number)


def load(folder: Path) -> tuple[Path, Position] | None:
    """Return the newest checkpoint's state folder and position; None where there is none. Changes nothing.

    Raises:
        StageError: it is damaged (it was written whole, so somebody else did that).
    """
    checkpoints = _checkpoints(folder)
    if not checkpoints:
        return None
    _, newest = checkpoints[-1]
    return newest / _STATE, Position(**read_position(newest))


def write_state(target: Path, households: Households, position: dict[str, Any]) -> None:
    """Write a state folder aside, flush it, and rename it whole to a name that is still free."""
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    (aside / _STATE).mkdir(parents=True)
    households.save(aside / _STATE)
    (aside / _POSITION).write_text(json.dumps(position))
    for folder, _, files in os.walk(aside):
        for name in files:
            fsync_file(Path(folder) / name)
        fsync_directory(Path(folder))
    aside.rename(target)
    fsync_directory(target.parent)


def sweep(folder: Path) -> None:
    """Remove what a killed run left of states; while nobody writes there."""
    for left in folder.glob(".*.tmp"):
        shutil.rmtree(left)


def recover(folder: Path) -> None:
    """Finish what a killed consumer left undone; under the lock only."""
    sweep(folder)
    if checkpoints := _checkpoints(folder):
        _remove_before(folder, checkpoints[-1][0])


def read_position(folder: Path) -> dict[str, Any]:
    """Return what was written beside a state."""
    try:
        values: dict[str, Any] = json.loads((folder / _POSITION).read_text())
    except (OSError, ValueError):
        raise StageError(f"households: {folder} is damaged; remove it, then it is made anew from the lake") from None
    return values


def state_of(folder: Path) -> Path:
    return folder / _STATE


def _checkpoints(folder: Path) -> list[tuple[int, Path]]:
    return sorted((int(entry.name), entry) for entry in folder.glob("[0-9]*") if entry.name.isdigit())


def _remove_before(folder: Path, number: int) -> None:
    """A half-removed one must not be taken for a whole one after a kill: it loses its name first."""
    for older, entry in _checkpoints(folder):
        if older < number:
            gone = entry.with_name(f".{entry.name}.tmp")
            entry.rename(gone)
            shutil.rmtree(gone)
