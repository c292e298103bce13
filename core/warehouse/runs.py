"""Builds the warehouse from the lake: whole, or only what new files touch."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from core.contracts import exports
from core.errors import UserError
from core.logs import progress
from core.settings import Settings
from core.storage import damage_of
from core.warehouse import state
from core.warehouse.ad_inputs import lay_out_ads
from core.warehouse.builder import Builder, NodeResult
from core.warehouse.exporting import export
from core.warehouse.inputs import LakeState, lay_out
from core.warehouse.lock import exclusive
from core.warehouse.project import input_folder, signature
from core.warehouse.selection import News, arguments, exports_touched


@dataclass(frozen=True)
class BuildReport:
    """What a build did. ``mode`` is full, incremental or unchanged; ``rows`` counts every export."""

    as_of: str
    mode: str
    reason: str
    new_files: int
    nodes_run: int
    tests_run: int
    seconds: float
    rows: dict[str, int]


@dataclass(frozen=True)
class _Plan:
    mode: str
    reason: str
    events: list[str]
    decisions: list[str]
    build_id: int
    news: News | None = None  # None: everything


def build(
    settings: Settings, as_of: datetime, full_refresh: bool = False, builder: Builder | None = None
) -> BuildReport:
    """Bring the warehouse and its exports to the lake's state at ``as_of``.

    Reads only files that the last build did not, unless the thresholds, the SQL or files read before have changed, a
    build was broken off, or the DuckDB file is damaged: then all is built anew from the lake, with the same result.
    Exports are replaced only after all of dbt's tests have passed. ``builder`` is a dbt that was started ahead, over
    the same settings; it is used up. Without one, dbt is started when it is known that there is something to build.

    Raises:
        StageError: a model or a test failed, or another build is running.
        UserError: ``as_of`` has no zone.
    """
    if as_of.tzinfo is None:
        raise UserError("as_of: has no zone; pass an aware UTC time")
    started = time.perf_counter()
    with exclusive(settings.paths) as lock:
        now = LakeState.of(settings.paths)
        known = state.read(settings.paths)
        plan = _plan(settings, now, known, as_of, full_refresh)
        if plan.mode == "unchanged" and known:
            return BuildReport(known.as_of, plan.mode, plan.reason, 0, 0, 0, time.perf_counter() - started, known.rows)
        progress(f"warehouse: {plan.mode} build ({plan.reason}), {len(plan.events)} event files")
        with builder or Builder(settings) as dbt:
            nodes = _run(settings, plan, as_of, dbt, lock)
        models = {node.name.rsplit(".", 1)[-1] for node in nodes if node.name.startswith("model.")}
        rows = _export(settings, plan, models, known)
        size = settings.paths.warehouse.stat().st_size
        reached = state.WarehouseState(plan.build_id, state.stamp(as_of), signature(settings), now, rows, size)
        state.write(settings.paths, reached)
    tests = sum(node.name.startswith("test.") for node in nodes)
    seconds = time.perf_counter() - started
    return BuildReport(state.stamp(as_of), plan.mode, plan.reason, len(plan.events), len(models), tests, seconds, rows)


def _run(settings: Settings, plan: _Plan, as_of: datetime, dbt: Builder, lock: int) -> list[NodeResult]:
    paths = settings.paths
    state.forget(paths)
    if plan.mode == "full":
        _remove_database(settings)
    lay_out(paths, input_folder(paths), plan.events, plan.decisions, as_of.astimezone(UTC), plan.build_id)
    lay_out_ads(settings, input_folder(paths))
    return dbt.run(["build", *arguments(plan.news)], lock)


def _export(settings: Settings, plan: _Plan, models: set[str], known: state.WarehouseState | None) -> dict[str, int]:
    """Export what may have changed; return the rows of all exports."""
    written = export(settings.paths, exports_touched(models), keep_previous=plan.mode == "incremental")
    return {model: written.get(model, known.rows.get(model, 0) if known else 0) for model in exports.COLUMNS}


def rebuild(settings: Settings, as_of: datetime) -> BuildReport:
    """Throw the DuckDB file away, whatever state it is in, and build it from the lake."""
    return build(settings, as_of, full_refresh=True)


def _plan(
    settings: Settings, now: LakeState, known: state.WarehouseState | None, as_of: datetime, full_refresh: bool
) -> _Plan:
    reason = "asked for" if full_refresh else _why_full(settings, now, known)
    if reason or known is None:
        build_id = known.build_id + 1 if known else 1
        return _Plan("full", reason, sorted(now.events), sorted(now.decisions), build_id)
    if now == known.lake and state.stamp(as_of) == known.as_of:
        return _Plan("unchanged", "nothing new since the last build at the same time", [], [], known.build_id)
    events, decisions = now.new_events(known.lake), now.decisions_of_changed_hours(known.lake)
    news = News(bool(events), bool(decisions), now.catalogue != known.lake.catalogue)
    return _Plan("incremental", "new since the last build", events, decisions, known.build_id + 1, news)


def _why_full(settings: Settings, now: LakeState, known: state.WarehouseState | None) -> str:
    paths = settings.paths
    if not paths.warehouse.exists():
        return "no DuckDB file yet"
    if known is None:
        return "the last build did not end"
    is_cut_off = paths.warehouse.stat().st_size < known.database_bytes
    damage = "its end is missing" if is_cut_off else damage_of(paths.warehouse)
    if damage:
        progress(f"warehouse: {paths.warehouse.name} is damaged ({damage}); building it anew from the lake")
        return "the DuckDB file is damaged"
    if known.signature != signature(settings):
        return "thresholds or SQL have changed"
    gone = now.gone_or_changed(known.lake)
    if gone:
        return f"{len(gone)} files read before are gone or changed, {gone[0]} first"
    if any(not paths.export(model).exists() for model in exports.COLUMNS):
        return "an export is missing"
    return ""


def _remove_database(settings: Settings) -> None:
    file = settings.paths.warehouse
    for leftover in (file, file.with_name(file.name + ".wal")):
        leftover.unlink(missing_ok=True)
