"""All pages in one router."""

from fastapi import APIRouter

from core.settings import Settings
from serving.web import cards, experiments, quarantine, reports, start, try_out


def router(settings: Settings) -> APIRouter:
    """Pages for editors, operators and the public; the app mounts ``serving.web.render.STATIC`` under ``/static``."""
    routes = APIRouter(include_in_schema=False)
    for page in (start, try_out, cards, reports, experiments, quarantine):
        routes.include_router(page.router(settings))
    return routes
