"""New files of the lake: which were not there the last time. A file is named after its commit and never grows."""

import os
from pathlib import Path

from core.paths import Paths

_LOOKS = 2
"""A folder is looked at so often after a change: what came within the same tick of its clock is seen then."""


class LakeTail:
    """Lists folders that have changed since they were last listed; the ledger says whether there is anything new."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._looked: dict[Path, tuple[int, int]] = {}
        """Change time of a folder, and how often it was looked at since."""
        self._known: set[Path] = set()

    def new_files(self) -> tuple[list[Path], list[Path]]:
        """Files of events and of withdrawals that came since the last call; calls are far apart (a poll)."""
        before = dict(self._looked)
        is_staged = self._is_staged()
        if not self._is_to_be_looked_at(self._paths.ledger) and not is_staged:
            return [], []
        events = [file for hour in self._hours() for file in self._listed(hour)]
        withdrawals = self._listed(self._paths.withdrawals)
        if is_staged or self._is_staged():  # a commit's files are moved one after the other: look again at all of it
            self._looked = before
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
        if not self._is_to_be_looked_at(folder):
            return []
        found = [file for file in sorted(folder.glob("[!.]*.parquet")) if file not in self._known]
        self._known.update(found)
        return found

    def _is_to_be_looked_at(self, folder: Path) -> bool:
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return False
        known, looks = self._looked.get(folder, (0, 0))
        looks = looks if known == changed else 0
        if looks >= _LOOKS:
            return False
        self._looked[folder] = (changed, looks + 1)
        return True
