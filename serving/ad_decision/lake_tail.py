"""New files of the lake: which were not there the last time. A file is named after its commit and never grows."""

import os
from pathlib import Path

from core.paths import Paths

_RACY_NS = 2_000_000_000


class LakeTail:
    """Lists folders that have changed since they were last listed; the ledger says whether there is anything new."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._ledger: int | None = None
        self._folders: dict[Path, int] = {}
        self._known: set[Path] = set()

    def new_files(self) -> tuple[list[Path], list[Path]]:
        """Files of events and of withdrawals that came since the last call."""
        changed = _changed_ns(self._paths.ledger)
        if changed is None or (changed == self._ledger and not self._is_staged()):
            return [], []
        was_staged = self._is_staged()
        seen = dict(self._folders)
        events = [file for hour in self._hours() for file in self._listed(hour)]
        withdrawals = self._listed(self._paths.withdrawals)
        if was_staged or self._is_staged():  # a commit's files are moved one after the other: look again at all of it
            self._ledger, self._folders = None, seen
        else:
            self._ledger = changed
        return events, withdrawals

    def _is_staged(self) -> bool:
        staging = self._paths.lake / ".staging"
        return staging.is_dir() and any(staging.iterdir())

    def _hours(self) -> list[Path]:
        if not self._paths.events.is_dir():
            return []
        with os.scandir(self._paths.events) as found:
            return sorted(Path(hour.path) for hour in found if hour.name.startswith("hour="))

    def _listed(self, folder: Path) -> list[Path]:
        changed = _changed_ns(folder)
        if changed is None or self._folders.get(folder) == changed:
            return []
        found = [file for file in sorted(folder.glob("[!.]*.parquet")) if file not in self._known]
        self._known.update(found)
        newest = max((_changed_ns(file) or 0 for file in found), default=0)
        if changed - newest > _RACY_NS or not found:
            self._folders[folder] = changed
        return found


def _changed_ns(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
