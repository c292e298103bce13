"""The start page: what runs, how fresh the data are, where to look."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from core.contracts import exports
from core.domain import DEVICE_CLASSES
from core.paths import Paths
from core.settings import Settings
from core.storage import read_rows
from serving import quarantine
from serving.web import render
from serving.web.texts import Language, text

_VOLUME = """
select day::date::varchar as day, device_class, sum(watched_s) / 3600.0 as hours from rows group by all order by all
"""
_ANSWERS = (
    "select strftime(hour, '%Y-%m-%dT%H:00:00Z') as hour, \"case\", reason, sum(decision_count)::bigint as count"
    " from rows group by all order by all"
)
_RUN_KINDS = ("quality", "drift", "ranking", "bias")


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/", response_class=HTMLResponse)
    def start(request: Request) -> HTMLResponse:
        language = render.language_of(request)
        champion = getattr(request.app.state, "model_version", lambda: None)()
        values = _values(settings.paths, language, champion)
        return render.page(request, "start.html", **values)

    return routes


def _values(paths: Paths, language: Language, champion: str | None) -> dict[str, Any]:
    return {
        "tiles": _tiles(paths, language, champion),
        "links": _links(paths, language),
        "runs": _runs(paths, language, champion),
        "alerts": _alerts(paths, language),
        "plots": _plots(paths, language),
    }


def _rows(file: Path, query: str) -> list[dict[str, Any]]:
    """Rows of an export, or none where the pipeline has not made it yet."""
    try:
        return read_rows(file, query)
    except (duckdb.IOException, duckdb.BinderException):
        return []


def _tiles(paths: Paths, language: Language, champion: str | None) -> list[dict[str, str]]:
    def t(key: str, **values: str) -> str:
        return text(key, language, **values)

    def n(value: float) -> str:
        return render.number(value, language)

    events = _first(_rows(paths.export(exports.RPT_FRESHNESS), "select * from rows where source = 'events'"))
    videos = _first(_rows(paths.catalogue, _CATALOGUE_COUNTS))
    answers = _first(_rows(paths.export(exports.RPT_DECISIONS), _ANSWER_COUNTS))
    total, hidden = answers.get("total") or 0, answers.get("hidden") or 0
    hidden_share = render.number(100 * hidden / total, language, 1) + " %" if total else ""
    return [
        _tile(t("model"), champion or "–", t("model_note") if champion else t("no_model_note"), bool(champion)),
        _tile(
            t("newest_event"),
            render.instant(events.get("newest_at"), language),
            t("events_total", count=n(events.get("row_count") or 0)),
        ),
        _tile(t("videos"), n(videos.get("videos") or 0), t("videos_note", count=n(videos.get("playable") or 0))),
        _tile(t("quarantined"), n(sum(row["row_count"] for row in quarantine.counts(paths))), t("quarantined_note")),
        _tile(t("answers_today"), n(total), t("hidden_share", share=hidden_share) if total else t("no_answers_yet")),
    ]


_CATALOGUE_COUNTS = """
select count(*) as videos, count_if(is_playable and coalesce(available_from <= now, true)
  and coalesce(now < available_until, true) and published_at <= now) as playable
from (select *, (now() at time zone 'UTC') as now from rows where kind = 'video')
"""
_ANSWER_COUNTS = """
select sum(decision_count)::bigint as total, (sum(decision_count) filter ("case" = 'hidden'))::bigint as hidden
from rows where hour > (select max(hour) from rows) - interval 24 hour
"""


def _tile(name: str, value: str, note: str, is_good: bool = True) -> dict[str, str]:
    return {"name": name, "value": value, "note": note, "tone": "muted" if is_good else "warn"}


def _first(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return rows[0] if rows else {}


def _links(paths: Paths, language: Language) -> list[dict[str, str]]:
    try:
        addresses: dict[str, str] = json.loads((paths.home / "addresses.json").read_text())
    except (OSError, ValueError):
        addresses = {}
    found = [
        ("Airflow", addresses.get("airflow"), "airflow_note"),
        ("MLflow", addresses.get("mlflow"), "mlflow_note"),
        (text("dbt_docs", language), "/docs/dbt/" if (paths.dbt_target / "docs").exists() else None, "dbt_docs_note"),
        (text("api", language), "/docs", "api_note"),
    ]
    return [{"name": name, "href": href, "note": text(note, language)} for name, href, note in found if href]


def _runs(paths: Paths, language: Language, champion: str | None) -> list[dict[str, str]]:
    """The newest artefact of each stage tells when it last ran, whoever started it."""
    stages: list[tuple[str, Path | None, Callable[[Path], str]]] = [
        ("run_ingest", _newest(paths.ledger, "[0-9]*.json"), lambda file: f"#{int(file.stem)}"),
        ("run_build", _existing(paths.export(exports.RPT_FRESHNESS)), lambda _: "dbt"),
        ("run_train", _existing(paths.mlflow / "mlflow.db") if champion else None, lambda _: f"next_video {champion}"),
    ]
    stages += [
        (f"run_{kind}", _newest(paths.reports / kind, "*/report.json"), lambda file: file.parent.name)
        for kind in _RUN_KINDS
    ]
    stages.append(("run_card", _newest(paths.cards / "next-video", "*/card.de.json"), lambda file: file.parent.name))
    rows = []
    for key, file, result in stages:
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC) if file else None
        rows.append(
            {
                "stage": text(key, language),
                "when": render.instant(at, language),
                "result": result(file) if file else "–",
            }
        )
    return rows


def _newest(folder: Path, pattern: str) -> Path | None:
    return max(folder.glob(pattern), key=lambda file: file.stat().st_mtime, default=None)


def _existing(file: Path) -> Path | None:
    return file if file.exists() else None


def _alerts(paths: Paths, language: Language) -> list[str]:
    alerts = []
    for file in sorted(paths.alerts.glob("*.json"), reverse=True)[:3]:
        try:
            alert = json.loads(file.read_text())
        except (OSError, ValueError):
            continue
        alerts.append(str(alert.get(f"message_{language}") or alert.get("message") or file.stem))
    return alerts


def _plots(paths: Paths, language: Language) -> dict[str, Any]:
    answers = [
        {
            "hour": row["hour"],
            "count": row["count"],
            "kind": text(f"case_{row['case']}", language) + (f" {row['reason']}" if row["reason"] else ""),
        }
        for row in _rows(paths.export(exports.RPT_DECISIONS), _ANSWERS)
    ]
    keys = ("hours", "answers", "volume_caption", "answers_caption", "empty", *DEVICE_CLASSES)
    return {
        "volume": _rows(paths.export(exports.FCT_CONTENT_DAYS), _VOLUME),
        "answers": answers,
        "texts": {key: text(key, language) for key in keys},
    }
