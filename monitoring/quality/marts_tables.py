"""What the marts' suite looks at: dbt's exports, read with DuckDB, bounded in memory like the door's tables."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.contracts import exports
from core.errors import StageError
from core.settings import Settings
from core.storage import connect

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_ODD_ROWS = 500
NEEDED = (
    exports.DIM_CONTENT,
    exports.FCT_PLAYBACKS,
    exports.FEAT_DEVICE,
    exports.FEAT_TRAINING_PLAYS,
    exports.FEAT_CONTENT_COUNTS,
    exports.RPT_FRESHNESS,
)
KEYS = {
    exports.DIM_CONTENT: "content_id",
    exports.FCT_PLAYBACKS: "playback_id",
    exports.FEAT_DEVICE: "device_key, event_timestamp",
    exports.FEAT_CONTENT_COUNTS: "content_id",
}


@dataclass(frozen=True)
class MartTables:
    """Frames by model, the rows there are of each, and what is wrong with keys."""

    frames: "dict[str, pd.DataFrame]"
    counts: dict[str, int]
    repeated: "pd.DataFrame"
    """Keys that a model holds more than once: model, key, copies."""
    events_age_hours: float
    """Age of the newest event at the time of the run."""


def read(settings: Settings, as_of: datetime) -> MartTables:
    """Read the exports.

    Raises:
        StageError: one of them is missing, or there is no event at all.
    """
    paths = settings.paths
    for model in NEEDED:
        if not paths.export(model).exists():
            raise StageError(f"quality: the export {model} is missing ({paths.export(model)}); build the marts first")
    with connect(memory_limit_megabytes=1500) as duck:
        for model in NEEDED:
            duck.execute(f"create view {model} as from read_parquet('{paths.export(model)}')")
        duck.execute(
            f"create view lake as from read_parquet('{paths.events}/*/*.parquet', hive_partitioning = true, "
            "hive_types = {'hour': varchar})"
        )
        counts = {model: int(duck.execute(f"select count(*) from {model}").fetchall()[0][0]) for model in NEEDED}
        return MartTables(
            frames=_frames(duck, settings, as_of, counts),
            counts=counts,
            repeated=_repeated(duck),
            events_age_hours=_age_hours(duck, as_of),
        )


def _frames(
    duck: "duckdb.DuckDBPyConnection", settings: Settings, as_of: datetime, counts: dict[str, int]
) -> "dict[str, pd.DataFrame]":
    queries = {
        exports.DIM_CONTENT: ("content_id, kind, title, path, genre, audience", "false"),
        exports.FCT_PLAYBACKS: _playbacks(settings),
        exports.FEAT_DEVICE: (", ".join(exports.COLUMNS[exports.FEAT_DEVICE]), "device_key is null"),
        exports.FEAT_CONTENT_COUNTS: _content_counts(settings),
        exports.FEAT_TRAINING_PLAYS: _training_plays(settings, as_of),
    }
    frames = {}
    for model, (columns, odd) in queries.items():
        source = model
        if model == exports.FEAT_TRAINING_PLAYS:
            _join_consent(duck, settings, as_of)
            source = "training_plays_with_consent"
        rows = f"(select {columns} from {source})"
        sample = f"from {rows}"
        if counts[model] > settings.monitoring.checked_rows:
            sample += f" using sample reservoir({settings.monitoring.checked_rows} rows) repeatable (1)"
            sample = f"({sample}) union all by name (from {rows} where {odd} limit {_ODD_ROWS})"
        frames[model] = duck.execute(sample).df()
    return frames


def _playbacks(settings: Settings) -> tuple[str, str]:
    rules = settings.next_video
    columns = f"""playback_id, device_key, device_class, content_id, started_at, watched_s, duration_s, watched_share,
        is_play, is_view,
        is_play is not distinct from coalesce(watched_share >= {rules.min_watched_share}::double, false)
            as play_threshold_holds,
        is_view is not distinct from coalesce(watched_s > {rules.view_min_seconds}::double, false)
            as view_threshold_holds"""
    return columns, "not play_threshold_holds or not view_threshold_holds or watched_s < 0 or device_key is null"


def _content_counts(settings: Settings) -> tuple[str, str]:
    columns = f"""content_id, play_count, is_trainable,
        not is_trainable or play_count >= {settings.next_video.min_plays} as count_threshold_holds"""
    return columns, "not count_threshold_holds"


def _training_plays(settings: Settings, as_of: datetime) -> tuple[str, str]:
    end = _naive(as_of)
    start = end - timedelta(days=settings.next_video.window_days)
    columns = f"""device_key, device_class, content_id, played_at, watched_share, has_consent,
        played_at >= timestamp '{start}' and played_at < timestamp '{end}' as is_in_window,
        content_id in (select content_id from {exports.FEAT_CONTENT_COUNTS} where is_trainable) as is_trainable"""
    return columns, "not is_in_window or not has_consent or not is_trainable or device_key is null"


def _join_consent(duck: "duckdb.DuckDBPyConnection", settings: Settings, as_of: datetime) -> None:
    """Tell for each training play whether the log itself holds a view with consent behind it (PRV-2)."""
    days = settings.next_video.window_days + 3  # a playback may have begun before the window that its play lies in
    first_hour = (as_of - timedelta(days=days)).astimezone(UTC).strftime("%Y-%m-%dT%H")
    duck.execute(
        f"""
        create temp table consented as
        select distinct hash(device_key, content_id) as pair from lake
        where event = 'view' and has_personalisation_consent and device_key is not null and hour >= '{first_hour}'
        """
    )
    duck.execute(
        f"""
        create view training_plays_with_consent as
        select *, hash(device_key, content_id) in (select pair from consented) as has_consent
        from {exports.FEAT_TRAINING_PLAYS}
        """
    )


def _repeated(duck: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    unions = " union all ".join(
        f"select '{model}' as model, concat_ws(' ', {key}) as key, count(*) as copies from {model} "
        f"group by {key} having count(*) > 1"
        for model, key in KEYS.items()
    )
    frame: pd.DataFrame = duck.execute(unions).df()
    return frame


def _age_hours(duck: "duckdb.DuckDBPyConnection", as_of: datetime) -> float:
    rows: list[Any] = duck.execute(f"select newest_at from {exports.RPT_FRESHNESS} where source = 'events'").fetchall()
    if not rows or rows[0][0] is None:
        raise StageError("quality: the warehouse has seen no event at all; run `mediathek ingest` and build again")
    age: timedelta = _naive(as_of) - rows[0][0]
    return age.total_seconds() / 3600


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
