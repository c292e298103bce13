"""A landing directory that is followed: looked at again and again, with what is known of the lake kept in memory.

The right to ingest is held during a look only, so that another ingestion, retention or an erasure gets its turn; after
that, what is known is read from the lake again.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from core.contracts.origin import note_source
from core.settings import Settings
from ingestion.batch import Ingestion
from ingestion.fence import HeldError, held
from ingestion.files import discover
from ingestion.giving_way import is_asked
from ingestion.landing import ingest_files
from ingestion.report import IngestReport

_TURN_SECONDS = 0.2
_LOOK_SHARE = 4.0
"""A look without news takes at most one part in so many of the time: a directory may hold very many files."""


class DirectoryFollower:
    """Takes in what is new at each look; as ``ingest_source`` does, and with the same result."""

    def __init__(self, settings: Settings, source: Path) -> None:
        self._settings = settings
        self._source = source
        self._under_way: Ingestion | None = None

    def look(self, as_of: datetime) -> IngestReport:
        """Take in what is new.

        Raises:
            UserError: the source is no landing directory.
            StageError: another ingestion runs, or the disk is full; the next look goes on where this one stopped.
        """
        files, report = discover(self._source), IngestReport()
        with held(self._settings.paths) as fence:
            under_way, self._under_way = self._under_way, None  # kept only if all goes well
            if under_way is None or not under_way.resume(fence, as_of, report):
                if under_way is not None:
                    under_way.close()
                under_way = Ingestion(self._settings, fence, as_of, report)
            try:
                ingest_files(under_way, files)
            except BaseException:
                under_way.close()
                raise
            note_source(self._settings.paths, self._source)
            self._under_way = under_way
        return report

    def close(self) -> None:
        """Let go of what is in memory."""
        if self._under_way is not None:
            self._under_way.close()
            self._under_way = None


def follow_source(
    settings: Settings,
    source: Path,
    clock: Callable[[], datetime],
    is_stopped: Callable[[], bool],
    wait: Callable[[float], Any],
    show: Callable[[IngestReport], None],
    poll_seconds: float | None = None,
) -> None:
    """Look at a directory until ``is_stopped``, every ``poll_seconds`` (default: the settings' ``follow_seconds``)."""
    follower = DirectoryFollower(settings, source)
    try:
        while not is_stopped():
            began = time.monotonic()
            if is_asked(settings.paths):
                wait(_TURN_SECONDS)
                continue
            try:
                report = follower.look(clock())
            except HeldError:  # it has its turn, then comes ours
                wait(_TURN_SECONDS)
                continue
            if report.has_changes:
                show(report)
            pause = 0 if report.has_changes else _LOOK_SHARE * (time.monotonic() - began)
            wait(max(poll_seconds or settings.ingestion.follow_seconds, pause))
    finally:
        follower.close()
