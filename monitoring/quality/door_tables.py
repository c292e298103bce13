"""What the door's suite looks at: the lake's newest events, keys, catalogue and quarantine, read with DuckDB.

Bounded in memory: of many events an even sample is checked, and with it the extremes of every measured column and
the first rows of every rare class, so that a single absurd row among millions is still seen.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StageError
from core.paths import Paths
from core.privacy import mask
from core.storage import connect

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_EXTREMES = 500
_QUARANTINE_ROWS = 5000
_COLUMNS = """event_id, event, device_class, happened_at, hour, content_id, series_id, playback_id, watched_s,
    duration_s, watched_s / nullif(duration_s, 0) as watched_over_length,
    has_personalisation_consent, has_advertising_consent,
    coalesce(device_key, address_key, user_key) is not null
        and not (coalesce(has_personalisation_consent, false) or coalesce(has_advertising_consent, false))
        as has_key_without_consent,
    strftime(happened_at, '%Y-%m-%dT%H') = hour as is_in_its_hour"""


@dataclass(frozen=True)
class DoorTables:
    """The frames, and how many rows there are behind each."""

    events: "pd.DataFrame"
    event_count: int
    repeated: "pd.DataFrame"
    keys: "pd.DataFrame"
    catalogue: "pd.DataFrame"
    quarantine: "pd.DataFrame"
    quarantined_count: int
    counts: dict[str, int]
    """Rows of the whole lake, for the comparison with the last run."""


def read(paths: Paths, checked_rows: int) -> DoorTables:
    """Read what came with the newest batches (the newest tenth of all, at least the last batch).

    Raises:
        StageError: the lake holds no events or no catalogue.
    """
    for what, where in (("events", paths.events), ("catalogue", paths.catalogue)):
        if not _holds_parquet(where):
            raise StageError(f"quality: the lake holds no {what} ({where}); run `mediathek ingest` first")
    with connect(memory_limit_megabytes=1500) as duck:
        duck.execute(
            f"create view lake as from read_parquet('{paths.events}/*/*.parquet', hive_partitioning = true, "
            "hive_types = {'hour': varchar})"
        )
        total, newest_batch = _row(duck, "select count(*), max(batch_id) from lake")
        if not total or newest_batch is None:
            raise StageError(f"quality: the lake holds no events ({paths.events}); run `mediathek ingest` first")
        count = _newest(duck)
        catalogue = duck.read_parquet(str(paths.catalogue)).df()
        quarantine, quarantined = _quarantine(duck, paths)
        return DoorTables(
            events=_events(duck, count, checked_rows),
            event_count=count,
            repeated=_repeated(duck),
            keys=_keys(duck),
            catalogue=catalogue,
            quarantine=quarantine,
            quarantined_count=quarantined,
            counts={"events": int(total), "catalogue": len(catalogue), "quarantine": quarantined},
        )


def newest_happened_at(tables: DoorTables) -> datetime | None:
    """The time of the newest checked event (naive UTC)."""
    newest = tables.events["happened_at"].max()
    return None if newest is None else newest.to_pydatetime()


def _holds_parquet(where: Path) -> bool:
    return where.is_file() if where.suffix else any(where.glob("*/*.parquet"))


def _newest(duck: "duckdb.DuckDBPyConnection") -> int:
    """Make the view ``newest``: rows of the last batches until a tenth of the lake is reached; return its count."""
    (first,) = _row(
        duck,
        """
        with batches as (select batch_id, count(*) as rows_in_batch from lake group by all),
        summed as (
            select batch_id, sum(rows_in_batch) over (order by batch_id desc) - rows_in_batch as newer_count,
                sum(rows_in_batch) over () as all_count
            from batches
        )
        select min(batch_id) from summed where newer_count < all_count / 10
        """,
    )
    duck.execute(f"create view newest as select {_COLUMNS} from lake where batch_id >= {int(first)}")
    return int(_row(duck, "select count(*) from newest")[0])


def _events(duck: "duckdb.DuckDBPyConnection", count: int, checked_rows: int) -> "pd.DataFrame":
    if count <= checked_rows:
        return _frame(duck, "from newest")
    share = checked_rows / count
    extremes = "\n".join(
        f"union select * from (from newest where {column} is not null order by {column} {order} limit {_EXTREMES})"
        for column in ("happened_at", "watched_s", "duration_s", "watched_over_length")
        for order in ("desc", "asc")
    )
    return _frame(
        duck,
        f"""
        select * from newest where hash(event_id) % 1000000 < {int(share * 1000000)}
        {extremes}
        union select * from (
            from newest where has_key_without_consent or not coalesce(is_in_its_hour, false) or event_id is null
                or has_personalisation_consent is null or has_advertising_consent is null limit {_EXTREMES}
        )
        union select * from (
            from newest qualify row_number() over (partition by event, device_class) <= {_EXTREMES}
        )
        """,
    )


def _repeated(duck: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    """Event ids that the lake holds more than once; hashed first, so that millions of ids need little memory."""
    return _frame(
        duck,
        """
        with hashed as (select hash(event_id) as h from lake where event_id is not null),
        doubtful as (select h from hashed group by h having count(*) > 1)
        select event_id, count(*) as copies, min(happened_at) as first_at, max(happened_at) as last_at
        from lake where hash(event_id) in (select h from doubtful)
        group by event_id having count(*) > 1 order by copies desc, event_id
        """,
    )


def _keys(duck: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    """Every distinct pseudonym; its text is cut for the report should it be none."""
    return _frame(
        duck,
        """
        with keys as (
            select 'device_key' as column_name, device_key as pseudonym from lake
            union select 'address_key', address_key from lake
            union select 'user_key', user_key from lake
        )
        select column_name, left(pseudonym, 4) || '…' as begins_with,
            regexp_full_match(pseudonym, left(column_name, 1) || '_[0-9a-f]{24}') as is_pseudonym
        from keys where pseudonym is not null
        """,
    )


def _quarantine(duck: "duckdb.DuckDBPyConnection", paths: Paths) -> tuple["pd.DataFrame", int]:
    import pandas as pd

    if not any(paths.quarantine.glob("*.parquet")):
        empty = {"quarantine_id": "str", "reason": "str", "is_masked": "bool"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in empty.items()}), 0
    duck.execute(f"create view quarantine as from read_parquet('{paths.quarantine}/*.parquet')")
    (counted,) = _row(duck, "select count(*) from quarantine where kind = 'events'")
    rows = duck.execute(
        f"select quarantine_id, reason, raw from quarantine order by batch_id desc limit {_QUARANTINE_ROWS}"
    ).df()
    rows["is_masked"] = [raw is None or mask(raw) == raw for raw in rows.pop("raw")]
    return rows, int(counted)


def _frame(duck: "duckdb.DuckDBPyConnection", query: str) -> "pd.DataFrame":
    frame: pd.DataFrame = duck.execute(query).df()
    return frame


def _row(duck: "duckdb.DuckDBPyConnection", query: str) -> tuple[Any, ...]:
    """The one row of an aggregate."""
    rows: list[tuple[Any, ...]] = duck.execute(query).fetchall()
    return rows[0]
