"""The journal of an erasure under way (PRV-3): what is to be done, and what is done, whoever is killed meanwhile.

While it is there, an erasure is not finished. It is the last file that names the device.
"""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import StageError
from core.paths import Paths
from core.storage import fsync_directory, write_text

STEPS = ("lake", "households", "ads", "warehouse", "features", "rest")
_PATIENCE_SECONDS = 0.5
_LOOK_SECONDS = 0.02
FINISH = "mediathek privacy erase --resume"


@dataclass
class Erasure:
    """What the journal holds."""

    units: list[str]
    """What decision records may call the device; its key comes first."""
    erased_at: str
    built_for: str
    """Time for which the warehouse is built again."""
    traces: dict[str, Any] | None = None
    gone: dict[str, int] = field(default_factory=dict)
    """Rows gone, by store."""
    done: list[str] = field(default_factory=list)

    @property
    def device_key(self) -> str:
        return self.units[0]


def read(paths: Paths) -> Erasure | None:
    """Return what is not finished; None where nothing is under way.

    Raises:
        StageError: the journal is damaged (it was written whole, so somebody else did that).
    """
    try:
        return Erasure(**json.loads(paths.erasure_journal.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StageError(
            f"erase: the journal {paths.erasure_journal} is damaged ({error}); remove it and erase the device again"
        ) from None


def write(paths: Paths, erasure: Erasure) -> None:
    """Note how far an erasure is."""
    write_text(paths.erasure_journal, json.dumps(asdict(erasure)))


def close(paths: Paths) -> None:
    """Everything is done."""
    paths.erasure_journal.unlink()
    fsync_directory(paths.erasure_journal.parent)


@contextmanager
def one_at_a_time(paths: Paths) -> Iterator[None]:
    """There is one journal. The lock dies with its process.

    Raises:
        StageError: another erasure runs.
    """
    file = paths.erasure_journal.with_name("lock")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        ends_at = time.monotonic() + _PATIENCE_SECONDS  # somebody may just be looking
        while not _is_locked(lock, fcntl.LOCK_EX):
            if time.monotonic() > ends_at:
                raise StageError("erase: another erasure is running; run this again when it is over")
            time.sleep(_LOOK_SECONDS)
        for left in file.parent.glob(".*.tmp"):  # of one that was killed
            left.unlink()
        yield


def state(paths: Paths) -> dict[str, Any]:
    """Return for operators whether an erasure is unfinished, how far it is, and how to finish it; names no device."""
    try:
        known = read(paths)
    except StageError as error:
        return {"state": "unfinished", "error": str(error)}
    if known is None:
        return {"state": "none"}
    left = [step for step in STEPS if step not in known.done]
    told = {"since": known.erased_at, "done": known.done, "left": left}
    if _is_running(paths):
        return {"state": "running", **told}
    return {"state": "unfinished", **told, "error": f"an erasure was broken off; finish it: `{FINISH}`"}


def _is_running(paths: Paths) -> bool:
    try:
        with paths.erasure_journal.with_name("lock").open() as lock:
            return not _is_locked(lock, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _is_locked(lock: Any, operation: int) -> bool:
    try:
        fcntl.flock(lock, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
