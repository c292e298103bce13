"""Hands what the counters say to the warehouse, which holds it against the log (HH-11)."""

from collections.abc import Sequence
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
from serving.ad_decision.counters import CountersError
from serving.ad_decision.counters_of import counters_of

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (naive UTC, as in Parquet)
_ROWS = 100_000
_SECONDS = 600.0


def export_counters(settings: Settings, as_of: datetime) -> int:
    """Write ``paths.ads.counted_plays`` from whatever store counts, beside it; return its rows.

    The campaigns go along as they run, if one was changed on the page: caps are recounted by what was in force. Where
    nothing was decided yet there is nothing to hand over. ``as_of`` bounds what is told.

    Raises:
        StageError: the counters cannot be read.
        UserError: their server cannot be reached.
    """
    _export_campaigns(settings)
    target, until = settings.paths.ads.counted_plays, as_of.astimezone(UTC).replace(tzinfo=None)
    if settings.ad_decision.counters == "embedded" and not settings.paths.ads.counters.exists():
        return 0
    counters = counters_of(settings)
    try:
        found = counters.counted().result(_SECONDS)
    except (CountersError, TimeoutError) as error:
        raise StageError(f"ad counters: they cannot be read: {error}") from None
    finally:
        counters.close()
    dated = [(*row[:3], _EPOCH + timedelta(microseconds=row[3]), *row[4:]) for row in found]
    told = [row for row in dated if row[3] <= until]
    with written_aside(target) as aside, pq.ParquetWriter(aside, COUNTED_PLAYS) as writer:
        for begin in range(0, len(told), _ROWS):
            part = _across(told[begin : begin + _ROWS])
            columns = [pa.array(column, field.type) for column, field in zip(part, COUNTED_PLAYS, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=COUNTED_PLAYS))
    progress(f"ad decisions: {len(told)} counted plays handed to the warehouse")
    return len(told)


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


def _across(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [[row[number] for row in rows] for number in range(len(COUNTED_PLAYS))]
