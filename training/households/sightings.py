"""Sightings from the lake: events with consent, put together by device, address and bucket of time, by dbt or here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.algorithms.households.model import Households
from core.logs import progress
from core.paths import Paths
from core.settings import Settings
from core.storage import connect
from core.warehouse.sightings import copy_sightings
from core.warehouse.spark import copy_sightings_by_spark

Engine = Literal["duckdb", "spark"]

_NONE = """
    create temp table sightings (
        device_key varchar, address_key varchar, bucket_starts_at timestamp, device_class varchar, user_key varchar,
        is_mac_local boolean, event_count bigint
    )
"""
_FROM_EVENTS = """
    select
        device_key, address_key, make_timestamp(epoch_us(happened_at) // $bucket_us * $bucket_us) as bucket_starts_at,
        device_class, user_key, bool_or(coalesce(is_mac_local, false)) as is_mac_local, count(*) as event_count
    from read_parquet($files)
    where
        has_personalisation_consent and device_key is not null and address_key is not null
        and batch_id <= $batch_id and happened_at <= $until
    group by all
"""
"""As dbt's model has it, for what no build has taken up and no later."""
_SIGHTINGS = """
    select
        device_key, address_key, epoch_ms(bucket_starts_at) as at_ms, device_class,
        bool_or(is_mac_local) as is_mac_local, sum(event_count)::bigint as event_count
    from sightings
    group by device_key, address_key, bucket_starts_at, device_class
"""
_LOGINS = """
    select
        device_key, user_key, epoch_ms(min(bucket_starts_at)) as at_ms,
        arg_min(address_key, bucket_starts_at) as address_key, arg_min(device_class, bucket_starts_at) as device_class
    from sightings
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


def observe_lake(
    settings: Settings, households: Households, batch_id: int, until: datetime, engine: Engine = "duckdb"
) -> Counts:
    """Put all commits up to ``batch_id`` and all events up to a time into the evidence.

    Sightings come from dbt's model where the warehouse has it, and straight from the lake for files no build has taken
    up yet; with ``engine`` "spark" from the same model on Spark. All ways give the same evidence.

    Raises:
        StageError: Spark is asked for, and is not installed or failed.
    """
    paths = settings.paths
    bounds: dict[str, Any] = {"batch_id": batch_id, "until": until.astimezone(UTC).replace(tzinfo=None)}
    withdrawals = sorted(str(file) for file in paths.withdrawals.glob("*.parquet"))
    with connect() as connection:
        if engine == "spark":
            copy_sightings_by_spark(settings, connection, **bounds)
        else:
            _prepare(settings, connection, households.parameters.bucket_minutes, bounds)
        seen = connection.sql(_SIGHTINGS).to_arrow_table()
        _observe(households, seen)
        _observe(households, connection.sql(_LOGINS).to_arrow_table())
        if withdrawals:
            for key, at_ms in connection.execute(_WITHDRAWALS, {"files": withdrawals, **bounds}).fetchall():
                households.withdraw(key, at_ms)
    return Counts(pc.sum(seen["event_count"]).as_py() or 0, seen.num_rows)


def _prepare(
    settings: Settings, connection: duckdb.DuckDBPyConnection, bucket_minutes: int, bounds: dict[str, Any]
) -> None:
    """Fill a temporary table ``sightings``."""
    paths = settings.paths
    built = copy_sightings(settings, connection, **bounds)
    if built is None:
        connection.execute(_NONE)
    files = sorted(
        str(file)
        for file in paths.events.glob("*/*.parquet")
        if built is None or str(file.relative_to(paths.lake)) not in built
    )
    progress(f"households: {len(built or ())} files by the warehouse, {len(files)} from the lake")
    if files:
        values = {"files": files, "bucket_us": bucket_minutes * 60_000_000, **bounds}
        connection.execute(f"insert into sightings by name {_FROM_EVENTS}", values)


def _observe(households: Households, rows: pa.Table) -> None:
    """Hand rows over in portions: Python's lists of all of them at once would take ten times the memory."""
    for portion in rows.to_batches(max_chunksize=_PORTION):
        columns: dict[str, list[Any]] = {name: portion[name].to_pylist() for name in portion.schema.names}
        households.observe(
            columns["device_key"], columns["address_key"], columns["at_ms"], columns["device_class"],
            columns.get("is_mac_local"), columns.get("user_key"),
        )  # fmt: skip
