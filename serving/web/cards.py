"""Model cards for editors and the public: the newest of each use case, its versions, what changed (MC-1, MC-2)."""

import re
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from core.settings import Settings
from serving.web import render

_USE_CASE = re.compile(r"[a-z][a-z-]{1,40}")
_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d+)")
_FILE = re.compile(r"(card|changes)\.(de|en)\.(html|md|json)")
_MEDIA_TYPES = {"html": "text/html", "md": "text/markdown; charset=utf-8", "json": "application/json"}


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    folder = settings.paths.cards

    @routes.get("/cards", response_class=HTMLResponse)
    def overview(request: Request) -> HTMLResponse:
        found = {use_case: versions(folder / use_case) for use_case in _use_cases(folder)}
        return render.page(request, "cards.html", cards=found)

    @routes.get("/cards/{use_case}", response_class=HTMLResponse)
    def card(request: Request, use_case: str, version: str | None = None, show: str = "card") -> HTMLResponse:
        kept = versions(folder / use_case) if _USE_CASE.fullmatch(use_case) else []
        if not kept or (version is not None and version not in kept):
            return render.page(request, "not_found.html", status_code=404)
        chosen = version or kept[0]
        file = f"{'changes' if show == 'changes' else 'card'}.{render.language_of(request)}.html"
        has_changes = (folder / use_case / chosen / file.replace("card", "changes")).is_file()
        return render.page(
            request,
            "card.html",
            use_case=use_case,
            versions=kept,
            version=chosen,
            file=file,
            show=show,
            has_changes=has_changes,
        )

    @routes.get("/cards/{use_case}/{version}/{file}")
    def one(request: Request, use_case: str, version: str, file: str) -> Response:
        known = _USE_CASE.fullmatch(use_case) and _VERSION.fullmatch(version) and _FILE.fullmatch(file)
        target = folder / use_case / version / file
        if not known or not target.is_file():
            return render.page(request, "not_found.html", status_code=404)
        return FileResponse(target, media_type=_MEDIA_TYPES[file.rsplit(".", 1)[1]])

    return routes


def _use_cases(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.glob("*") if _USE_CASE.fullmatch(child.name) and versions(child))


def versions(folder: Path) -> list[str]:
    """Versions of one use case's card, newest first."""
    found = [match for child in folder.glob("*") if (match := _VERSION.fullmatch(child.name))]
    return [match[0] for match in sorted(found, key=lambda match: (match[1], int(match[2])), reverse=True)]
