"""Hands what the counters say to the warehouse, which holds it against the log (HH-11)."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.ads import COUNTED_PLAYS
from core.contracts.lake import CAMPAIGNS
from core.errors import StageError
from core.logs import progress
from core.settings import Settings
from core.storage import written_aside
from serving.ad_decision.campaign_changes import merged, read_changes

_PLAYS = """
    select distinct spot_id, campaign_id, plays.break_id, plays.at, state,
        exists (select 1 from breaks where breaks.break_id = plays.break_id)
    from plays order by plays.at, plays.break_id, spot_id
"""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (naive UTC, as in Parquet)
_ROWS = 100_000


def export_counters(settings: Settings, as_of: datetime) -> int:
    """Write ``paths.ads.counted_plays`` from the embedded counters, beside whoever counts; return its rows.

    The campaigns go along as they run, if one was changed on the page: caps are recounted by what was in force. Where
    nothing was decided yet there is nothing to hand over. ``as_of`` bounds what is told.

    Raises:
        StageError: the counters cannot be read.
    """
    _export_campaigns(settings)
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


def _export_campaigns(settings: Settings) -> None:
    paths = settings.paths
    changes = read_changes(paths.ads.campaign_changes)
    if not changes:
        paths.ads.campaigns_as_run.unlink(missing_ok=True)
        return
    lake = pq.ParquetFile(paths.campaigns).read().to_pylist() if paths.campaigns.exists() else []
    rows = [{name: row.get(name) for name in CAMPAIGNS.names} for row in merged(lake, changes)]
    columns = [pa.array([row[field.name] for row in rows], field.type) for field in CAMPAIGNS]
    paths.ads.campaigns_as_run.parent.mkdir(parents=True, exist_ok=True)
    with written_aside(paths.ads.campaigns_as_run) as aside, pq.ParquetWriter(aside, CAMPAIGNS) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=CAMPAIGNS))


def _across(rows: list[tuple[object, ...]]) -> list[list[object]]:
    return [[row[number] for row in rows] for number in range(len(COUNTED_PLAYS))]
