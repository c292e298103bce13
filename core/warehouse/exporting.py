"""Writes the warehouse's tables as Parquet for everybody else: small ones as a file, those that grow as daily parts."""

from core.contracts import exports
from core.paths import Paths
from core.storage import open_read_only, written_aside
from core.warehouse.parts import export_parts

ORDER = {
    exports.FEAT_TRAINING_PLAYS: "device_key, played_at, content_id",
    exports.FEAT_HOUSEHOLD_DEVICE: "device_key",
    exports.FEAT_HOUSEHOLD: "household_id",
    exports.RPT_FUNNEL: "step_number, device_class",
    exports.RPT_VIEWING_VOLUME: "day, device_class, arm",
    exports.RPT_DECISIONS: "hour, device_class",
    exports.RPT_FRESHNESS: "source",
    exports.DIM_CONTENT: "content_id",
    exports.RPT_AD_TRAFFIC: "hour, device_class",
    exports.RPT_AD_HOUSEHOLD_DAYS: "day, campaign_id, viewers_id",
    exports.RPT_AD_BREACHES: "happened_at, cap, subject, shown",
    exports.RPT_AD_DIFFERENCES: "happened_at, break_id, spot_id",
}


def export(paths: Paths, models: list[str], *, keep_previous: bool = False) -> dict[str, int]:
    """Write the models named; return their rows.

    Readers see the old rows or the new ones, never half of them. ``keep_previous`` leaves the parts of the last export
    for readers who have begun with them; without it nothing of them stays, as erasure and retention (PRV-3, PRV-4) ask.
    """
    for leftover in paths.exports.glob(".*.tmp"):  # of an export that was killed
        leftover.unlink()
    rows = {}
    with open_read_only(paths.warehouse, threads=2) as connection:
        for model in models:
            if model in exports.PARTED_BY:
                rows[model] = export_parts(connection, paths, model, keep_previous=keep_previous)
                continue
            order = f" order by {ORDER[model]}" if model in ORDER else ""
            with written_aside(paths.export(model)) as aside:
                done = connection.execute(f"copy (from main.{model}{order}) to '{aside}' (format parquet)").fetchone()
            rows[model] = int(done[0]) if done else 0
    return rows
