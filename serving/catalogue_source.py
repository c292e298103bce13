"""The catalogue in memory: read from the lake, read again in the background when ingestion has written a newer one."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.numbering.corrections import read_corrections
from core.algorithms.next_video.rules import Rules
from core.contracts.lake import CATALOGUE
from core.settings import Settings
from serving.next_video import snapshots

_log = logging.getLogger("mediathek")
_Signature = tuple[int, int, int, int]


class CatalogueSource:
    """Holds the newest catalogue that could be read; replaced in one step, so a request sees one or the other."""

    def __init__(
        self, settings: Settings, rules: Rules, now: Callable[[], datetime], rules_file: Path | None = None
    ) -> None:
        """Reads the lake's catalogue and the numbers that editors have set (NV-K1); a change of either is taken up.

        ``rules_file`` is where ``rules`` come from, where an experiment's arm has a rule set of its own.
        """
        self._file = settings.paths.catalogue
        self._corrections = settings.paths.series_corrections
        self._rules_file = rules_file or settings.config / "next_video" / "rules.yaml"
        self._snapshots = settings.paths.snapshots
        self._max_shrink_share = settings.monitoring.max_shrink_share
        self._rules = rules
        self._now = now
        self._read: _Signature | None = None
        self.catalogue: Catalogue | None = None
        self.digest: str | None = None
        """Of the snapshot of what is served now (``serving.next_video.snapshots``)."""
        self.error: str | None = f"{self._file} is not there yet; run `mediathek pipeline` or `mediathek ingest`"

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
            contents = self._contents()
            table = pq.read_table(pa.BufferReader(contents[snapshots.CATALOGUE]), columns=CATALOGUE.names)
            self._refuse_shrunk(table.num_rows)
            catalogue = Catalogue.from_table(table, self._rules, read_corrections(self._corrections))
            catalogue.offer_at(self._now())  # so that no request waits for it
        except Exception as error:  # whatever is wrong with a file, the server goes on with the last one
            self.error = f"{self._file} cannot be read: {type(error).__name__}: {error}"
            _log.error("catalogue: %s; going on with the last one", self.error)
            return
        self.digest = self._snapshot(contents)
        self.catalogue = catalogue
        self.error = None
        _log.info("catalogue: %d entries", len(catalogue))

    def _contents(self) -> dict[str, bytes]:
        files = {snapshots.CATALOGUE: self._file, snapshots.RULES: self._rules_file}
        if self._corrections.exists():
            files[snapshots.CORRECTIONS] = self._corrections
        return {name: file.read_bytes() for name, file in files.items()}

    def _refuse_shrunk(self, row_count: int) -> None:
        """A catalogue that lost most of its entries at once is a broken export, whatever it says of itself.

        Raises:
            ValueError: it has lost more than ``monitoring.max_shrink_share`` of what is served.
        """
        if self.catalogue is not None and row_count < (1 - self._max_shrink_share) * len(self.catalogue):
            raise ValueError(
                f"it holds {row_count} entries where {len(self.catalogue)} were; restart the server if that is meant"
            )

    def _snapshot(self, contents: dict[str, bytes]) -> str | None:
        """Keep what answers are now made from. A full disk costs the replay of answers, never an answer."""
        try:
            return snapshots.keep(self._snapshots, contents)
        except OSError as error:
            _log.error("catalogue: no snapshot was kept (%s); answers made from it cannot be replayed", error)
            return None

    def written_at(self) -> datetime | None:
        """When the file now served was written, None before there is one."""
        return None if self._read is None else datetime.fromtimestamp(self._read[0] / 1e9, UTC)


def _modified_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
