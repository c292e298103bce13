"""From staging into the lake: files are prepared aside, committed by the ledger, then put in place by renaming.

A kill between any two steps leaves either an orphan in staging (no ledger entry: thrown away) or a committed batch
that is half in place (rolled forward at the next start, as often as needed).
"""

import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.paths import Paths
from core.storage import fsync_directory, fsync_file
from ingestion import ledger
from ingestion.fence import Fence


def open_staging(paths: Paths, batch_id: int, token: int) -> Path:
    """Make the empty staging folder of one commit; it mirrors the lake."""
    staging = ledger.staging_folder(paths) / f"{batch_id:012d}-{token}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    return staging


def commit(paths: Paths, fence: Fence, entry: ledger.Entry) -> None:
    """Make staging durable, write the ledger entry (this is the commit), put the files in place."""
    staging = ledger.staging_folder(paths) / entry.staging
    _make_durable(staging)
    fence.check()
    ledger.append(paths, entry)
    _put_in_place(paths, staging)


def recover(paths: Paths) -> list[str]:
    """Finish or undo what a killed run has left; under the fence only. Returns what was done, in words."""
    for orphan in (*paths.ledger.glob(".*.tmp"), *paths.lake.glob(".*.tmp")):
        orphan.unlink()
    folder = ledger.staging_folder(paths)
    if not folder.is_dir():
        return []
    done = []
    for staging in sorted(folder.iterdir()):
        entry = ledger.entry_of(paths, int(staging.name.split("-")[0]))
        if entry is not None and entry.staging == staging.name:
            _put_in_place(paths, staging)
            done.append(f"commit {entry.batch_id} was put in place after an interruption")
        else:
            shutil.rmtree(staging)
            done.append(f"an unfinished batch ({staging.name}) was thrown away; its lines are read again")
    return done


def _make_durable(staging: Path) -> None:
    folders = [Path(folder) for folder, _, _ in os.walk(staging)]
    files = [file for folder in folders for file in folder.iterdir() if file.is_file()]
    _all_synced(fsync_file, files)
    _all_synced(fsync_directory, [*folders, staging.parent, staging.parent.parent])


def _put_in_place(paths: Paths, staging: Path) -> None:
    touched: set[Path] = set()
    for source in sorted(file for file in staging.rglob("*") if file.is_file()):
        target = paths.lake / source.relative_to(staging)
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            touched.add(target.parent.parent)
        source.replace(target)
        touched.add(target.parent)
    _all_synced(fsync_directory, touched)
    shutil.rmtree(staging)
    fsync_directory(staging.parent)


def _all_synced(sync: Callable[[Path], None], targets: Iterable[Path]) -> None:
    """Flush many at once: the file system joins their journal commits. A failure is raised, never repeated."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sync, targets))
