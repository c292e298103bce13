"""The quarantine page: counts by reason for everybody, single (masked) lines for those who have the token."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from core.paths import Paths
from core.settings import Settings
from serving import quarantine as stored
from serving.auth import is_token
from serving.web import render
from serving.web.session import is_signed_in, signed_in

_PAGE_ROWS = 50


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/quarantine", response_class=HTMLResponse)
    def quarantine(request: Request, reason: str | None = None, after: Annotated[int, Query(ge=0)] = 0) -> HTMLResponse:
        return _page(request, settings.paths, reason, after)

    @routes.post("/quarantine", response_class=HTMLResponse)
    def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        if is_token(token.strip(), request.app.state.token):
            return signed_in("/quarantine", token.strip())
        return _page(request, settings.paths, None, 0, is_wrong_token=True)

    return routes


def _page(
    request: Request, paths: Paths, reason: str | None, after: int, *, is_wrong_token: bool = False
) -> HTMLResponse:
    may_read = is_signed_in(request, request.app.state.token)
    counts = stored.counts(paths)
    rows = stored.lines(paths, reason, _PAGE_ROWS + 1, after) if may_read else []
    return render.page(
        request,
        "quarantine.html",
        status_code=403 if is_wrong_token else 200,
        counts=counts,
        total=sum(row["row_count"] for row in counts),
        rows=rows[:_PAGE_ROWS],
        reason=reason,
        newer=max(0, after - _PAGE_ROWS) if after else None,
        older=after + _PAGE_ROWS if len(rows) > _PAGE_ROWS else None,
        may_read=may_read,
        is_wrong_token=is_wrong_token,
    )
