"""Writes the warehouse's tables as Parquet for everybody else, each aside and renamed."""

from core.contracts import exports
from core.paths import Paths
from core.storage import open_read_only, written_aside

ORDER = {
    exports.FEAT_TRAINING_PLAYS: "device_key, played_at, content_id",
    exports.FEAT_DEVICE: "event_timestamp, device_key",
    exports.RPT_FUNNEL: "step_number, device_class",
    exports.RPT_VIEWING_VOLUME: "day, device_class, arm",
    exports.RPT_DECISIONS: "hour, device_class",
    exports.RPT_FRESHNESS: "source",
    exports.DIM_CONTENT: "content_id",
    exports.FCT_CONTENT_DAYS: "day, content_id, device_class",
}


def export(paths: Paths, models: list[str]) -> dict[str, int]:
    """Write the models named; return their rows. Readers see the old file or the new one, never half of one."""
    rows = {}
    with open_read_only(paths.warehouse, threads=2) as connection:
        for model in models:
            order = f" order by {ORDER[model]}" if model in ORDER else ""
            with written_aside(paths.export(model)) as aside:
                done = connection.execute(f"copy (from main.{model}{order}) to '{aside}' (format parquet)").fetchone()
            rows[model] = int(done[0]) if done else 0
    return rows
