"""Hands what the counters say to the warehouse, which holds it against the log (HH-11)."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.ads import COUNTED_PLAYS
from core.errors import StageError
from core.logs import progress
from core.settings import Settings
from core.storage import written_aside

_PLAYS = """
    select distinct spot_id, campaign_id, plays.break_id, plays.at, state,
        exists (select 1 from breaks where breaks.break_id = plays.break_id)
    from plays order by plays.at, plays.break_id, spot_id
"""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (naive UTC, as in Parquet)
_ROWS = 100_000


def export_counters(settings: Settings, as_of: datetime) -> int:
    """Write ``paths.ads.counted_plays`` from the embedded counters, beside whoever counts; return its rows.

    Where nothing was decided yet there is nothing to hand over. ``as_of`` bounds what is told.

    Raises:
        StageError: the counters cannot be read.
    """
    source, target = settings.paths.ads.counters, settings.paths.ads.counted_plays
    if not source.exists():
        return 0
    until, rows = as_of.astimezone(UTC).replace(tzinfo=None), 0
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as connection,
            written_aside(target) as aside,
            pq.ParquetWriter(aside, COUNTED_PLAYS) as writer,
        ):
            found = connection.execute(_PLAYS)
            while batch := found.fetchmany(_ROWS):
                dated = [(*row[:3], _EPOCH + timedelta(microseconds=row[3]), row[4], bool(row[5])) for row in batch]
                told = [row for row in dated if row[3] <= until]
                columns = [
                    pa.array(column, field.type) for column, field in zip(_across(told), COUNTED_PLAYS, strict=True)
                ]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=COUNTED_PLAYS))
                rows += len(told)
    except sqlite3.Error as error:
        raise StageError(f"ad counters: {source} cannot be read: {error}") from None
    progress(f"ad decisions: {rows} counted plays handed to the warehouse")
    return rows


def _across(rows: list[tuple[object, ...]]) -> list[list[object]]:
    return [[row[number] for row in rows] for number in range(len(COUNTED_PLAYS))]
