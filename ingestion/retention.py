"""PRV-4: what is older than the settings say leaves the lake, and does not come back with an old file.

The ledger first says from which hour on data are kept; only then are partitions removed. So a kill in between leaves
folders that the next run removes, and never lets a removed hour in again.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.paths import Paths
from core.settings import Settings
from core.storage import fsync_directory, written_aside
from ingestion import ledger, publish
from ingestion.decision_log import hour_of
from ingestion.fence import held

_AT = pa.timestamp("us")


@dataclass(frozen=True)
class _Expiry:
    kind: str
    folder: Path
    first_kept: datetime  # aware, a whole hour


def drop_expired(settings: Settings, as_of: datetime) -> dict[str, Any]:
    """Drop event, decision and quarantine data older than their retention at ``as_of``.

    Returns:
        how many hours (events, decisions, decision_log, ad_plays) and files (quarantine) were dropped.

    Raises:
        StageError: an ingestion runs; try again when it is over.
    """
    paths, keep = settings.paths, settings.retention
    expiries = [
        _Expiry("events", paths.events, _first_kept(as_of, keep.events)),
        _Expiry("decisions", paths.decisions, _first_kept(as_of, keep.decisions)),
        _Expiry("decision_log", paths.decision_log, _first_kept(as_of, keep.decisions)),
        _Expiry("ad_plays", paths.ads.plays, _first_kept(as_of, keep.events)),
    ]
    with held(paths) as fence:
        publish.recover(paths)
        expired = {expiry.kind: _expired_hours(expiry) for expiry in expiries}
        if any(expired.values()):
            _commit_horizon(paths, fence, as_of, {e.kind: e.first_kept for e in expiries if expired[e.kind]})
        for expiry in expiries:
            _remove(expiry.folder, expired[expiry.kind])
        dropped = {kind: len(folders) for kind, folders in expired.items()}
        return dropped | {
            "quarantine": _drop_quarantine(paths.quarantine, as_of - timedelta(days=keep.quarantine)),
            "withdrawals": _drop_withdrawals(paths.withdrawals, _first_kept(as_of, keep.events)),
        }


def _first_kept(as_of: datetime, days: int) -> datetime:
    return (as_of.astimezone(UTC) - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)


def _expired_hours(expiry: _Expiry) -> list[Path]:
    return [
        folder
        for folder in sorted(expiry.folder.glob("hour=*"))
        if (hour := hour_of(folder)) is not None and hour < expiry.first_kept
    ]


def _commit_horizon(paths: Paths, fence: Any, as_of: datetime, horizon: dict[str, datetime]) -> None:
    batch_id = ledger.load(paths).head + 1
    staging = publish.open_staging(paths, batch_id, fence.token)
    entry = ledger.Entry(
        batch_id=batch_id,
        fence=fence.token,
        as_of=as_of.isoformat(),
        staging=staging.name,
        dropped_before={kind: hour.replace(tzinfo=None).isoformat() for kind, hour in horizon.items()},
    )
    publish.commit(paths, fence, entry)


def _remove(folder: Path, hours: list[Path]) -> None:
    for hour in hours:
        shutil.rmtree(hour)
    if hours:
        fsync_directory(folder)


def _drop_quarantine(folder: Path, horizon: datetime) -> int:
    """A file holds the entries of one run, so it expires as a whole."""
    latest_kept = horizon.astimezone(UTC).replace(tzinfo=None)
    count = 0
    for file in sorted(folder.glob("*.parquet")):
        newest = pc.max(pq.read_table(file, columns=["quarantined_at"]).column(0)).as_py()
        if newest is None or newest < latest_kept:
            file.unlink()
            count += 1
    return count


def _drop_withdrawals(folder: Path, first_kept: datetime) -> int:
    """They go with the events of their time; a file is written anew without them. Returns how many rows went."""
    count = 0
    for file in sorted(folder.glob("*.parquet")):
        rows = pq.read_table(file)
        kept = rows.filter(pc.greater_equal(rows["withdrawn_at"], pa.scalar(first_kept.replace(tzinfo=None), _AT)))
        count += len(rows) - len(kept)
        if not len(kept):
            file.unlink()
        elif len(kept) < len(rows):
            with written_aside(file) as aside:
                pq.write_table(kept, aside, compression="zstd")
    return count
