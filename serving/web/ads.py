"""Campaigns for the ad manager: delivery against plan, how often households see them; pausing, changing, making one."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from core.settings import Settings
from serving.auth import is_token
from serving.web import ad_form
from serving.web.ad_pages import AdPages, closed
from serving.web.session import is_signed_in, signed_in


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    pages = AdPages(settings)

    @routes.get("/ads", response_class=HTMLResponse)
    def ads(request: Request) -> HTMLResponse:
        return pages.all(request) if is_signed_in(request, request.app.state.token) else closed(request)

    @routes.post("/ads/sign-in", response_class=HTMLResponse)
    def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        if is_token(token.strip(), request.app.state.token):
            return signed_in("/ads", token.strip())
        return closed(request, "wrong_token")

    @routes.get("/ads/campaign", response_class=HTMLResponse)
    def campaign(request: Request, id: str = "", done: str = "") -> HTMLResponse:
        if not is_signed_in(request, request.app.state.token):
            return closed(request)
        return pages.one(request, id, done=bool(done))

    @routes.post("/ads/campaign", response_class=HTMLResponse)
    async def save(request: Request) -> Response:
        if not is_signed_in(request, request.app.state.token):
            return closed(request, "ads_needs_token")
        async with request.form() as form:
            sent = ad_form.filled({name: str(value) for name, value in form.items()}, form.getlist)
            known = str(form.get("known", ""))
        return await run_in_threadpool(pages.save, request, sent, known)

    @routes.post("/ads/pause", response_class=HTMLResponse)
    def pause(request: Request, id: Annotated[str, Form()] = "", paused: Annotated[str, Form()] = "") -> Response:
        if not is_signed_in(request, request.app.state.token):
            return closed(request, "ads_needs_token")
        return pages.pause(request, id, bool(paused))

    return routes
