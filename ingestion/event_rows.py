"""Events of the batch under way, in memory: screened, and without repeats."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.paths import Paths
from core.privacy import Pseudonyms, mask
from ingestion import screening
from ingestion.erased import ErasedDevices
from ingestion.hourly_files import write_by_hour
from ingestion.pseudonyms import PseudonymDesk
from ingestion.seen import SeenEvents
from ingestion.withdrawals import PURPOSES, Withdrawals, write_withdrawals

MAX_IGNORED_NAMES = 100


class EventRows:
    """Takes portions of lines; what it gives holds no raw address (PRV-1)."""

    def __init__(self, connection: Any, paths: Paths, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self._screening = ThreadPoolExecutor(2)
        self._desk = PseudonymDesk(pseudonyms)
        self._seen = SeenEvents(connection, paths)
        self._erased = ErasedDevices(paths, pseudonyms)
        self._withdrawals = Withdrawals(connection.cursor(), paths)  # used while the next portion is screened
        self._lines: Any = None  # of the portion under way, as long as it is
        self._screened = screening.SCREENED.empty_table()
        self._pending: list[tuple[Any, Any]] = []  # rows, and which of them are kept

    def start_screening(self, lines: Any, latest_at: datetime) -> "Future[Any]":
        """Begin to screen a table (line, seq): the larger part of the work, beside whatever is under way.

        Portions may overlap; ``take`` them in their order.
        """
        return self._screening.submit(self._screen, lines, latest_at)

    def _screen(self, lines: Any, latest_at: datetime) -> Any:
        with self._connection.cursor() as connection:
            return screening.screen(connection, lines, latest_at)

    def close(self) -> None:
        """Let what is being screened end."""
        self._screening.shutdown()

    def take(self, lines: Any, screened: Any) -> list[tuple[int, str]]:
        """Take what is certainly fine of a portion; return its other lines as (seq, text).

        ``seq`` counts the rows of the table ``lines`` from 0 on; ``screened`` is what screening made of them.
        """
        self._lines = lines
        self._screened = screening.with_keys(screened, self._desk)
        is_left = np.ones(len(lines), bool)
        is_left[self._screened["seq"].to_numpy()[_flags(self._screened["is_fine"])]] = False
        left = np.flatnonzero(is_left)
        return list(zip(left.tolist(), lines["line"].take(left).to_pylist(), strict=True))

    def add_careful(self, rows: list[dict[str, Any]]) -> None:
        """Add rows that the careful path accepted; each has its ``seq``."""
        if rows:
            careful = pa.Table.from_pylist(
                [{**row, "unknown_count": 0, "is_fine": True} for row in rows], schema=screening.SCREENED
            )
            self._screened = pa.concat_tables([self._screened, careful])

    def ignored_fields(self) -> dict[str, int]:
        """Count fields that the contract does not know, by masked name."""
        fine = self._screened.select(["seq", "unknown_count"]).filter(self._screened["is_fine"])
        if not fine["unknown_count"].to_numpy().any():
            return {}
        self._connection.register("fine", fine)
        self._connection.register("lines", self._lines)
        found = self._connection.execute(screening.IGNORED_FIELDS).fetchall()
        self._connection.unregister("lines")
        self._connection.unregister("fine")
        return {mask(name): count for name, count in sorted(found)[:MAX_IGNORED_NAMES]}

    def keep(self, first_kept: datetime | None) -> tuple[int, int, int]:
        """Keep what is new. Returns how many were accepted, repeated, and expired.

        Expired is what lies before ``first_kept``, or before the erasure of its device (PRV-3).
        """
        rows, self._screened, self._lines = self._screened, screening.SCREENED.empty_table(), None
        is_kept = _flags(rows["is_fine"])
        total = int(is_kept.sum())
        is_kept &= ~self._erased.bars(rows)
        if first_kept is not None:
            is_kept &= rows["happened_at"].to_numpy() >= np.datetime64(first_kept)
        kept = int(is_kept.sum())
        fresh = self._seen.fresh(rows.select(["event_id", "seq"]).filter(is_kept))
        is_kept &= np.isin(rows["seq"].to_numpy(), fresh)
        if len(fresh):
            self._pending.append((rows.drop_columns(["seq", "unknown_count", "is_fine"]), is_kept))
        return len(fresh), kept - len(fresh), total - kept

    def give(self) -> "GivenRows | None":
        """Hand over what was kept since the last time."""
        pending, self._pending = self._pending, []
        if not pending:
            return None
        numbers = np.flatnonzero(np.concatenate([kept for _, kept in pending]))
        return GivenRows(pa.concat_tables([rows for rows, _ in pending]), numbers, self._withdrawals)


@dataclass(frozen=True)
class GivenRows:
    """Rows of one batch, to be written with its commit."""

    rows: Any  # Arrow table: device, and the lake's events without batch_id
    numbers: Any  # of those rows that are kept
    withdrawals: Withdrawals

    def write(self, staging: Path, batch_id: int) -> None:
        """Write events by hour, and the consents that end with them."""
        flags = [f"has_{purpose}_consent" for purpose in PURPOSES]
        said = self.rows.select(["device", "happened_at", *flags]).take(self.numbers)
        write_withdrawals(self.withdrawals.find(said), staging, batch_id)
        write_by_hour(self.rows.drop_columns(["device"]), self.numbers, staging / "events", batch_id)


def _flags(column: Any) -> Any:
    return column.to_numpy().astype(bool)
