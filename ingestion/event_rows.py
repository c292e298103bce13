"""Events of the batch under way, in memory: screened, without repeats, then written as one file an hour."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.contracts.lake import EVENTS
from core.paths import Paths
from core.privacy import Pseudonyms, mask
from ingestion import screening
from ingestion.pseudonyms import PseudonymDesk
from ingestion.seen import SeenEvents

_COLUMNS = ", ".join(name for name in EVENTS.names if name != "batch_id")
_CAREFUL = pa.schema([("seq", pa.int64()), *((f.name, f.type) for f in EVENTS if f.name != "batch_id")])
MAX_IGNORED_NAMES = 100


class EventRows:
    """Takes portions of lines; nothing of it is on disk before ``write``, and then without raw addresses (PRV-1)."""

    def __init__(self, connection: Any, paths: Paths, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self._desk = PseudonymDesk(pseudonyms)
        self._seen = SeenEvents(connection, paths)
        self._create_pending()

    def _create_pending(self) -> None:
        self._connection.register("schema_of_events", EVENTS.empty_table())
        self._connection.execute(f"create or replace temp table pending as select {_COLUMNS} from schema_of_events")
        self._connection.unregister("schema_of_events")

    def screen(self, lines: Any, latest_at: datetime) -> list[tuple[int, str]]:
        """Take what is certainly fine; return the other lines as (seq, text)."""
        screening.screen(self._connection, lines, latest_at, self._desk)
        return list(self._connection.execute(screening.LEFT_OVER).fetchall())

    def add_careful(self, rows: list[dict[str, Any]]) -> None:
        """Add rows that the careful path accepted; each has its ``seq``."""
        if not rows:
            return
        self._connection.register("careful", pa.Table.from_pylist(rows, schema=_CAREFUL))
        self._connection.execute("insert into fine by name select *, 0 as unknown_count from careful")
        self._connection.unregister("careful")

    def ignored_fields(self) -> dict[str, int]:
        """Count fields that the contract does not know, by masked name."""
        (unknown,) = self._one("select coalesce(sum(unknown_count), 0) from fine")
        if not unknown:
            return {}
        found = self._connection.execute(screening.IGNORED_FIELDS).fetchall()
        return {mask(name): count for name, count in sorted(found)[:MAX_IGNORED_NAMES]}

    def keep(self, first_kept: datetime | None) -> tuple[int, int, int]:
        """Keep what is new. Returns how many were accepted, repeated, and expired (before ``first_kept``)."""
        (total,) = self._one("select count(*) from fine")
        expired = 0
        if first_kept is not None:
            (expired,) = self._one("select count(*) from fine where happened_at < $at", {"at": first_kept})
            self._connection.execute("delete from fine where happened_at < $at", {"at": first_kept})
        self._seen.pick_fresh()
        (accepted,) = self._one("select count(*) from fresh")
        self._connection.execute(f"insert into pending select {_COLUMNS} from fine semi join fresh using (seq)")
        self._connection.execute("drop table fine")
        self._connection.unregister("lines")
        return accepted, total - expired - accepted, expired

    def write(self, staging: Path, batch_id: int) -> None:
        """Write and forget the kept rows: ``events/hour=.../<batch>_<n>.parquet`` below ``staging``."""
        (count,) = self._one("select count(*) from pending")
        if count:
            self._connection.execute(f"""
                copy (
                    select {_COLUMNS}, {batch_id}::bigint as batch_id, strftime(happened_at, '%Y-%m-%dT%H') as hour
                    from pending order by happened_at
                ) to '{staging / "events"}'
                (format parquet, compression zstd, partition_by (hour), filename_pattern '{batch_id:08d}_{{i}}')
            """)
        self._connection.execute("delete from pending")

    def _one(self, query: str, parameters: dict[str, Any] | None = None) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._connection.execute(query, parameters).fetchall()[0]
        return row
