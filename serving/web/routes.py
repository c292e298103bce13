"""All pages in one router."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from core.settings import Settings
from serving.web import (
    ads,
    ads_what_if,
    ads_why,
    cards,
    decisions,
    detections,
    experiments,
    households,
    my_ads,
    preview,
    quarantine,
    render,
    reports,
    series,
    start,
    try_out,
    uploaded_sound,
)


def router(settings: Settings) -> APIRouter:
    """Pages for editors, operators and the public; the app mounts ``serving.web.render.STATIC`` under ``/static``."""
    routes = APIRouter(include_in_schema=False)
    for page in (start, try_out, households, cards, reports, experiments, series, preview, decisions, quarantine):
        routes.include_router(page.router(settings))
    for page in (ads, ads_what_if, ads_why, my_ads, detections, uploaded_sound):
        routes.include_router(page.router(settings))

    @routes.get("/favicon.ico")
    def icon() -> FileResponse:
        """Reports and cards that stand alone name no icon: browsers ask here."""
        return FileResponse(render.STATIC / "favicon.svg", media_type="image/svg+xml")

    everything = APIRouter()
    everything.include_router(routes)
    everything.include_router(my_ads.links(settings))  # for the platform's app, so OpenAPI tells of it
    return everything
