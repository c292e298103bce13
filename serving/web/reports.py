"""The reports page: the newest of each kind, the earlier ones below, each self-contained."""

import re
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from core.settings import Settings
from serving.web import render

KINDS = ("quality", "drift", "bias", "ranking", "caps", "detector_drift")
_RUN = re.compile(r"[0-9A-Za-z:._-]{1,80}")
_KEPT = 20


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    folder = settings.paths.reports

    @routes.get("/reports", response_class=HTMLResponse)
    def newest(request: Request, kind: str = "bias", run: str | None = None) -> Response:
        chosen = kind if kind in KINDS else "bias"
        runs = _runs(folder / chosen)
        shown = run if run in runs else (runs[0] if runs else None)
        file = _file(folder / chosen / (shown or ""), render.language_of(request))
        return render.page(request, "reports.html", kinds=KINDS, kind=chosen, runs=runs[:_KEPT], shown=shown, file=file)

    @routes.get("/reports/{kind}/{run}/{file}")
    def one(request: Request, kind: str, run: str, file: str) -> Response:
        target = folder / kind / run / file
        allowed = kind in KINDS and _RUN.fullmatch(run) and _RUN.fullmatch(file) and ".." not in (run, file)
        if not allowed or not target.is_file():
            return render.page(request, "not_found.html", status_code=404)
        return FileResponse(target)

    return routes


def _runs(folder: Path) -> list[str]:
    """Runs with a report, newest first (their names are times)."""
    return sorted((file.parent.name for file in folder.glob("*/report.html")), reverse=True)


def _file(run: Path, language: str) -> str:
    """The report in the page's language where it comes in two, else the one there is."""
    return f"report.{language}.html" if (run / f"report.{language}.html").exists() else "report.html"
