"""The catalogue in memory: read from the lake, read again in the background when ingestion has written a newer one."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.numbering.corrections import read_corrections
from core.algorithms.next_video.rules import Rules
from core.contracts.lake import CATALOGUE

_log = logging.getLogger("mediathek")
_Signature = tuple[int, int, int, int]


class CatalogueSource:
    """Holds the newest catalogue that could be read; replaced in one step, so a request sees one or the other."""

    def __init__(self, file: Path, rules: Rules, now: Callable[[], datetime], corrections: Path | None = None) -> None:
        """``corrections`` is the file of numbers that editors have set (NV-K1); a change of it is taken up as well."""
        self._file = file
        self._rules = rules
        self._corrections = corrections
        self._now = now
        self._read: _Signature | None = None
        self.catalogue: Catalogue | None = None
        self.error: str | None = f"{file} is not there yet; run `mediathek pipeline` or `mediathek ingest`"

    def refresh(self) -> None:
        """Read the file if it changed. A file that cannot be read leaves the last catalogue in place."""
        try:
            stat = self._file.stat()
        except OSError:
            return
        signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino, _modified_at(self._corrections))
        if signature == self._read:
            return
        self._read = signature
        try:
            table = pq.read_table(self._file, columns=CATALOGUE.names, partitioning=None)
            corrections = read_corrections(self._corrections) if self._corrections else None
            catalogue = Catalogue.from_table(table, self._rules, corrections)
            catalogue.offer_at(self._now())  # so that no request waits for it
        except Exception as error:  # whatever is wrong with a file, the server goes on with the last one
            self.error = f"{self._file} cannot be read: {type(error).__name__}: {error}"
            _log.error("catalogue: %s; going on with the last one", self.error)
            return
        self.catalogue = catalogue
        self.error = None
        _log.info("catalogue: %d entries", len(catalogue))

    def written_at(self) -> datetime | None:
        """When the file now served was written, None before there is one."""
        return None if self._read is None else datetime.fromtimestamp(self._read[0] / 1e9, UTC)


def _modified_at(file: Path | None) -> int:
    try:
        return file.stat().st_mtime_ns if file is not None else 0
    except FileNotFoundError:
        return 0
