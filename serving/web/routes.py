"""All pages in one router."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from core.settings import Settings
from serving.web import (
    ads,
    cards,
    decisions,
    experiments,
    households,
    preview,
    quarantine,
    render,
    reports,
    series,
    start,
    try_out,
)


def router(settings: Settings) -> APIRouter:
    """Pages for editors, operators and the public; the app mounts ``serving.web.render.STATIC`` under ``/static``."""
    routes = APIRouter(include_in_schema=False)
    for page in (start, try_out, households, ads, cards, reports, experiments, series, preview, decisions, quarantine):
        routes.include_router(page.router(settings))

    @routes.get("/favicon.ico")
    def icon() -> FileResponse:
        """Reports and cards that stand alone name no icon: browsers ask here."""
        return FileResponse(render.STATIC / "favicon.svg", media_type="image/svg+xml")

    return routes
