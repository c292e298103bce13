"""Household evidence as the warehouse has prepared it (``int_households__sightings``), for the clustering to read."""

import contextlib
from datetime import datetime

import duckdb

from core.errors import StageError
from core.settings import Settings
from core.warehouse import state
from core.warehouse.inputs import LakeState
from core.warehouse.lock import exclusive
from core.warehouse.project import signature

MODEL = "int_households__sightings"
COLUMNS = "device_key, address_key, bucket_starts_at, device_class, user_key, is_mac_local, event_count"
_WAIT_SECONDS = 0.0
_COPY = f"""
    create temp table sightings as
    select {COLUMNS}
    from warehouse.main.{MODEL}
"""
_REACHES = f"select coalesce(max(last_batch_id), 0), max(last_at) from warehouse.main.{MODEL}"


def copy_sightings(
    settings: Settings, connection: duckdb.DuckDBPyConnection, batch_id: int, until: datetime
) -> frozenset[str] | None:
    """Copy the sightings into a temporary table ``sightings``; return the lake's files they were made of, by name.

    None, and no table, where the warehouse cannot stand for the lake up to a commit and a time (naive UTC): it was not
    built, by other SQL, files it read are gone, it holds later events, or a build is running.
    """
    paths = settings.paths
    if not paths.warehouse.exists():
        return None
    with contextlib.suppress(StageError, duckdb.Error), exclusive(paths, _WAIT_SECONDS):
        known = state.read(paths)
        if known is None or known.signature != signature(settings) or LakeState.of(paths).gone_or_changed(known.lake):
            return None
        connection.execute(f"attach '{paths.warehouse}' as warehouse (read_only)")
        try:
            newest = connection.execute(_REACHES).fetchone()
            if newest is None or newest[0] > batch_id or (newest[1] is not None and newest[1] > until):
                return None
            connection.execute(_COPY)
        finally:
            connection.execute("detach warehouse")
        return frozenset(known.lake.events)
    return None
