"""The two sides that drift is measured between: a week, and the week before it (so that weekdays match).

Per topic a reference and a current table of equal columns:

- ``features``: each device's newest features in the week; sums over 30 days become daily means over the days that the
  log reaches back, so that a young log does not look like a drift;
- ``catalogue``: what was on offer at the end of the week;
- ``recommended``: the videos shown in the week, as served (decision records) or, where too little was, as logged.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.contracts import exports
from core.paths import Paths
from core.settings import Settings
from core.storage import connect

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

WEEK = timedelta(days=7)
MAX_ROWS = 20_000
TASTES = tuple(f"taste_{genre}" for genre in exports.GENRES_WITH_TASTE)
NUMERICAL: dict[str, tuple[str, ...]] = {
    "features": ("plays_a_day", "watched_s_a_day", "days_since_last_play", *TASTES),
    "catalogue": ("duration_s", "age_days"),
    "recommended": ("duration_s", "age_days"),
}
CATEGORICAL: dict[str, tuple[str, ...]] = {
    "features": ("main_device_class",),
    "catalogue": ("genre", "collection", "audience", "is_serial"),
    "recommended": ("genre", "collection", "audience", "is_serial", "device_class"),
}


@dataclass(frozen=True)
class Sides:
    """Reference and current rows of one topic."""

    topic: str
    source: str
    reference: "pd.DataFrame"
    current: "pd.DataFrame"


def read(settings: Settings, as_of: datetime) -> list[Sides]:
    """Read all topics that have an export; a missing export gives empty sides."""
    end = as_of.astimezone(UTC).replace(tzinfo=None)
    paths = settings.paths
    with connect(memory_limit_megabytes=1000) as duck:
        found = []
        if paths.export(exports.FEAT_DEVICE).exists():
            found.append(_features(duck, settings, end))
        if paths.export(exports.DIM_CONTENT).is_file():
            duck.execute(f"create view content as from read_parquet('{paths.export(exports.DIM_CONTENT)}')")
            found += [_catalogue(duck, end), _recommended(duck, paths, end, settings.monitoring.min_drift_rows)]
        return found


def _features(duck: "duckdb.DuckDBPyConnection", settings: Settings, end: datetime) -> Sides:
    duck.execute(f"create view features as from read_parquet('{settings.paths.export(exports.FEAT_DEVICE)}')")
    first = duck.execute("select min(event_timestamp) - interval 1 day from features").fetchall()[0][0]

    def side(until: datetime) -> "pd.DataFrame":
        query = f"""
            select
                play_count_30d / known_days as plays_a_day, watched_s_30d / known_days as watched_s_a_day,
                days_since_last_play::double as days_since_last_play, {", ".join(TASTES)}, main_device_class
            from (
                select *, date_diff('day', $first, event_timestamp) as log_days,
                    least({settings.next_video.window_days}, greatest(1, log_days)) as known_days
                from features where event_timestamp > $until - interval 7 day and event_timestamp <= $until
                qualify row_number() over (partition by device_key order by event_timestamp desc) = 1
            )
            order by hash(device_key) limit {MAX_ROWS}
        """
        return _frame(duck, query, first=first, until=until)

    return Sides("features", "device features", side(end - WEEK), side(end))


_CONTENT_COLUMNS = """genre, coalesce(collection, '-') as collection, audience, is_serial, content.duration_s,
    date_diff('hour', published_at, seen_at) / 24.0 as age_days"""


def _catalogue(duck: "duckdb.DuckDBPyConnection", end: datetime) -> Sides:
    def side(at: datetime) -> "pd.DataFrame":
        query = f"""
            select {_CONTENT_COLUMNS}
            from (select *, $at::timestamp as seen_at from content) as content
            where kind = 'video' and is_playable and published_at <= seen_at
                and coalesce(available_from <= seen_at, true) and coalesce(available_until > seen_at, true)
            order by hash(content_id) limit {MAX_ROWS}
        """
        return _frame(duck, query, at=at)

    return Sides("catalogue", "videos on offer", side(end - WEEK), side(end))


def _recommended(duck: "duckdb.DuckDBPyConnection", paths: Paths, end: datetime, min_rows: int) -> Sides:
    """Served decisions of both weeks if there are enough of them, else what the log says was shown."""
    if any(paths.decisions.glob("*/*.parquet")):
        served = _shown(duck, f"{_lake(paths.decisions, 'decided_at', end)} and \"case\" = 'regular'", end)
        if min(len(served[0]), len(served[1])) >= min_rows:
            return Sides("recommended", "served decisions", *served)
    if any(paths.events.glob("*/*.parquet")):
        logged = f"{_lake(paths.events, 'happened_at', end)} and event = 'recommendation' and use_case = 'next-video'"
        return Sides("recommended", "logged recommendations", *_shown(duck, logged, end))
    nothing = _shown(duck, "select null::timestamp as seen_at, null as device_class, []::varchar[] as items", end)
    return Sides("recommended", "logged recommendations", *nothing)


def _lake(folder: Path, time_column: str, end: datetime) -> str:
    """The last two weeks of a partitioned table."""
    first_hour = (end - 2 * WEEK).strftime("%Y-%m-%dT%H")
    source = f"read_parquet('{folder}/*/*.parquet', hive_partitioning = true, hive_types = {{'hour': varchar}})"
    return f"select {time_column} as seen_at, device_class, items from {source} where hour >= '{first_hour}'"


def _shown(duck: "duckdb.DuckDBPyConnection", query: str, end: datetime) -> "tuple[pd.DataFrame, pd.DataFrame]":
    def side(until: datetime) -> "pd.DataFrame":
        return _frame(
            duck,
            f"""
            with answers as (
                select * from ({query}) where seen_at >= $until - interval 7 day and seen_at < $until
                order by hash(seen_at, device_class) limit {MAX_ROWS}
            ),
            shown as (select seen_at, device_class, unnest(items) as content_id from answers)
            select {_CONTENT_COLUMNS}, device_class from shown inner join content using (content_id)
            order by hash(content_id, seen_at) limit {MAX_ROWS}
            """,
            until=until,
        )

    return side(end - WEEK), side(end)


def _frame(duck: "duckdb.DuckDBPyConnection", query: str, **parameters: object) -> "pd.DataFrame":
    frame: pd.DataFrame = duck.execute(query, parameters or None).df()
    return frame
