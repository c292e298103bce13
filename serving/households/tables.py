"""The household artefacts as rows: read with bounds, and only what a graph needs of them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from core.contracts.exports import FCT_PLAYBACKS
from core.contracts.households import FEED_SEQ
from core.paths import Paths
from core.storage import connect

MOST_STAYS = 60_000
"""Newest first: a city beyond this is shown in part, within some 300 MB; single households are told all the same."""
CONTENTS_A_DEVICE = 2
_MEMORY_MEGABYTES = 512
_HOURS_WITHOUT_WAREHOUSE, _FILES_WITHOUT_WAREHOUSE = 7 * 24, 500
_WINDOW = "interval 31 days"

Row = tuple[Any, ...]
Signature = tuple[tuple[int, int] | None, ...]

_STAYS = f"""
    select device_key, household_id, epoch_ms(from_at), epoch_ms(until_at), round(confidence, 3), reason, is_separable
    from stays
    where until_at is null or until_at >= (select max(coalesce(until_at, from_at)) from stays) - {_WINDOW}
    order by coalesce(until_at, from_at) desc, from_at desc, device_key, household_id limit {MOST_STAYS}
"""
_LEASES = """
    select address_key, household_id, kind, epoch_ms(from_at), epoch_ms(until_at), device_count
    from leases
    where household_id is not null and until_at >= (select max(until_at) from leases) - interval 36 hours
    qualify row_number() over (partition by household_id order by until_at desc, address_key) = 1
    order by household_id, until_at desc, address_key
"""
_LINKS = """
    select household_a, household_b, round(weight, 3), visit_days, epoch_ms(first_at), epoch_ms(last_at)
    from links order by household_a, household_b
"""
_VISITS = """
    select device_key, host_household_id, count(distinct day), epoch_ms(min(last_at)), epoch_ms(max(last_at))
    from visits
    where host_household_id <> household_id
    group by device_key, host_household_id
    having count(distinct day) >= 2
    qualify row_number() over (partition by device_key order by count(distinct day) desc, host_household_id) <= 2
    order by device_key, host_household_id
"""
_VIEWS = f"""
    select device_key, any_value(device_class), content_id, count(*), epoch_ms(max(ended_at))
    from playbacks
    where started_at >= (select max(started_at) from playbacks) - {_WINDOW}
        and device_key in (select device_key from stays)
    group by device_key, content_id
    qualify row_number() over (partition by device_key order by max(ended_at) desc, content_id) <= {CONTENTS_A_DEVICE}
    order by device_key, max(ended_at) desc, content_id
"""
_EVENTS = f"""
    select device_key, any_value(device_class), content_id, count(distinct playback_id), epoch_ms(max(happened_at))
    from events
    where device_key in (select device_key from stays) and has_personalisation_consent and content_id is not null
    group by device_key, content_id
    qualify row_number() over (partition by device_key order by max(happened_at) desc, content_id)
        <= {CONTENTS_A_DEVICE}
    order by device_key, max(happened_at) desc, content_id
"""
_TITLES = "select content_id, title, genre from catalogue where content_id in (select unnest($wanted))"


@dataclass(frozen=True)
class Tables:
    """What was read, and up to which step of the feed it holds."""

    stays: list[Row] = field(default_factory=list)
    leases: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    views: list[Row] = field(default_factory=list)
    feed_seq: int | None = None
    """The live consumer's last step within, None where a batch run wrote the files."""
    written_ms: int = 0


def signature(paths: Paths) -> Signature:
    """Change whenever one of the files is another one; cheap."""
    return tuple(_stamp(file) for file in _files(paths).values())


def read(paths: Paths) -> Tables:
    """Read all there is; without assignments, nothing.

    Raises:
        duckdb.Error, OSError: a file is damaged; the caller keeps what it has.
    """
    files = {name: file for name, file in _files(paths).items() if file.exists()}
    if "stays" not in files:
        return Tables()
    metadata = pq.read_schema(files["stays"]).metadata or {}
    with connect(_MEMORY_MEGABYTES, threads=1) as connection:
        for name, file in files.items():
            connection.read_parquet(str(file)).create_view(name)
        return Tables(
            stays=_rows(connection, _STAYS),
            leases=_rows(connection, _LEASES) if "leases" in files else [],
            links=_rows(connection, _LINKS) if "links" in files else [],
            visits=_rows(connection, _VISITS) if "visits" in files else [],
            views=_views(connection, paths, "playbacks" in files),
            feed_seq=int(metadata.get(FEED_SEQ, 0)) or None,
            written_ms=files["stays"].stat().st_mtime_ns // 1_000_000,
        )


def _views(connection: duckdb.DuckDBPyConnection, paths: Paths, has_playbacks: bool) -> list[Row]:
    """Device classes and contents; from the lake's newest hours where no warehouse is built yet."""
    if has_playbacks:
        return _rows(connection, _VIEWS)
    hours = sorted(paths.events.glob("hour=*"))[-_HOURS_WITHOUT_WAREHOUSE:]
    files = [str(file) for hour in hours for file in sorted(hour.glob("*.parquet"))]
    if not files:
        return []
    connection.read_parquet(files[-_FILES_WITHOUT_WAREHOUSE:]).create_view("events")
    return _rows(connection, _EVENTS)


def titles(catalogue: Path, content_ids: list[str]) -> dict[str, tuple[str, str]]:
    """Title and genre of contents that the catalogue knows."""
    if not content_ids or not catalogue.is_file():
        return {}
    with connect(_MEMORY_MEGABYTES, threads=1) as connection:
        connection.read_parquet(str(catalogue)).create_view("catalogue")
        rows = connection.execute(_TITLES, {"wanted": content_ids}).fetchall()
    return {content_id: (title, genre) for content_id, title, genre in rows}


def _files(paths: Paths) -> dict[str, Path]:
    return {
        "stays": paths.household_assignments,
        "leases": paths.household_leases,
        "links": paths.household_links,
        "visits": paths.household_visits,
        "playbacks": paths.export(FCT_PLAYBACKS),
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    rows: list[Row] = connection.execute(query).fetchall()
    return rows


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
