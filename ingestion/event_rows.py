"""Events of the batch under way, in memory: screened, and without repeats."""

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from core.paths import Paths
from core.privacy import Pseudonyms, mask
from ingestion import screening
from ingestion.pseudonyms import PseudonymDesk
from ingestion.seen import SeenEvents

MAX_IGNORED_NAMES = 100


class EventRows:
    """Takes portions of lines; what it gives holds no raw address (PRV-1)."""

    def __init__(self, connection: Any, paths: Paths, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self._desk = PseudonymDesk(pseudonyms)
        self._seen = SeenEvents(connection, paths)
        self._fine = screening.FINE_ROWS.empty_table()  # of the portion under way
        self._pending: list[Any] = []

    def screen(self, lines: Any, latest_at: datetime) -> list[tuple[int, str]]:
        """Take what is certainly fine of a table (line, seq); return the other lines as (seq, text).

        ``seq`` counts the rows of the table from 0 on.
        """
        self._fine = screening.screen(self._connection, lines, latest_at, self._desk)
        is_left = np.ones(len(lines), bool)
        is_left[self._fine["seq"].to_numpy()] = False
        left = np.flatnonzero(is_left)
        return list(zip(left.tolist(), lines["line"].take(left).to_pylist(), strict=True))

    def add_careful(self, rows: list[dict[str, Any]]) -> None:
        """Add rows that the careful path accepted; each has its ``seq``."""
        if rows:
            careful = pa.Table.from_pylist([{**row, "unknown_count": 0} for row in rows], schema=screening.FINE_ROWS)
            self._fine = pa.concat_tables([self._fine, careful])

    def ignored_fields(self) -> dict[str, int]:
        """Count fields that the contract does not know, by masked name."""
        if not self._fine["unknown_count"].to_numpy().any():
            return {}
        self._connection.register("fine", self._fine)
        found = self._connection.execute(screening.IGNORED_FIELDS).fetchall()
        self._connection.unregister("fine")
        return {mask(name): count for name, count in sorted(found)[:MAX_IGNORED_NAMES]}

    def keep(self, first_kept: datetime | None) -> tuple[int, int, int]:
        """Keep what is new. Returns how many were accepted, repeated, and expired (before ``first_kept``)."""
        total, expired = len(self._fine), 0
        if first_kept is not None:
            is_kept = self._fine["happened_at"].to_numpy() >= np.datetime64(first_kept)
            expired = total - int(is_kept.sum())
            self._fine = self._fine.filter(is_kept)
        fresh = self._seen.pick_fresh(self._fine)
        if fresh.num_rows:
            self._pending.append(fresh.drop_columns(["seq", "unknown_count"]))
        self._fine = screening.FINE_ROWS.empty_table()
        self._connection.unregister("lines")
        return len(fresh), total - expired - len(fresh), expired

    def give(self) -> Any:
        """Hand over the kept rows as an Arrow table (the lake's events without batch_id), and forget them; or None."""
        pending, self._pending = self._pending, []
        return pa.concat_tables(pending) if pending else None
