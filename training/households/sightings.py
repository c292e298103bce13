"""Sightings from the lake: events with consent, put together by device, address and bucket of time in DuckDB."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.algorithms.households.model import Households
from core.paths import Paths
from core.storage import connect

_EVENTS = """
    select
        device_key, address_key, user_key, device_class, coalesce(is_mac_local, false) as is_mac_local,
        epoch_ms(happened_at) as at_ms
    from read_parquet($files)
    where
        has_personalisation_consent and device_key is not null and address_key is not null
        and batch_id <= $batch_id and happened_at <= $until
"""
_SIGHTINGS = """
    select
        device_key, address_key, min(at_ms) as at_ms, min(device_class) as device_class,
        bool_or(is_mac_local) as is_mac_local, count(*) as event_count
    from events
    group by device_key, address_key, at_ms // $bucket_ms, device_class
"""
_LOGINS = """
    select
        device_key, user_key, min(at_ms) as at_ms, arg_min(address_key, at_ms) as address_key,
        arg_min(device_class, at_ms) as device_class
    from events
    where user_key is not null
    group by device_key, user_key
"""
_WITHDRAWALS = """
    select device_key, max(epoch_ms(withdrawn_at)) as at_ms
    from read_parquet($files)
    where purpose = 'personalisation' and batch_id <= $batch_id and withdrawn_at <= $until
    group by device_key
"""


_PORTION = 200_000


@dataclass(frozen=True)
class Counts:
    """What was read."""

    events: int
    sightings: int


def newest_batch(paths: Paths) -> int:
    """Return the number of the newest commit in the ledger; 0 where there is none."""
    return max((int(file.stem) for file in paths.ledger.glob("[0-9]*.json") if file.stem.isdigit()), default=0)


def observe_lake(paths: Paths, households: Households, batch_id: int, until: datetime) -> Counts:
    """Put all commits up to ``batch_id`` and all events up to a time into the evidence."""
    bounds = {"batch_id": batch_id, "until": until.astimezone(UTC).replace(tzinfo=None)}
    bucket_ms = households.parameters.bucket_minutes * 60_000
    events = sorted(str(file) for file in paths.events.glob("*/*.parquet"))
    withdrawals = sorted(str(file) for file in paths.withdrawals.glob("*.parquet"))
    counts = Counts(0, 0)
    with connect() as connection:
        if events:
            connection.execute(f"create temp table events as {_EVENTS}", {"files": events, **bounds})
            seen = connection.sql(_SIGHTINGS, params={"bucket_ms": bucket_ms}).to_arrow_table()
            counts = Counts(pc.sum(seen["event_count"]).as_py() or 0, seen.num_rows)
            _observe(households, seen)
            _observe(households, connection.sql(_LOGINS).to_arrow_table())
        if withdrawals:
            for key, at_ms in connection.execute(_WITHDRAWALS, {"files": withdrawals, **bounds}).fetchall():
                households.withdraw(key, at_ms)
    return counts


def _observe(households: Households, rows: pa.Table) -> None:
    """Hand rows over in portions: Python's lists of all of them at once would take ten times the memory."""
    for portion in rows.to_batches(max_chunksize=_PORTION):
        columns: dict[str, list[Any]] = {name: portion[name].to_pylist() for name in portion.schema.names}
        households.observe(
            columns["device_key"], columns["address_key"], columns["at_ms"], columns["device_class"],
            columns.get("is_mac_local"), columns.get("user_key"),
        )  # fmt: skip
