"""The quarantine page: counts by reason for everybody, single (masked) lines for those who have the token."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from core.paths import Paths
from core.settings import Settings
from core.storage import connect
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
        if token.strip() == request.app.state.token:
            return signed_in("/quarantine", token.strip())
        return _page(request, settings.paths, None, 0, is_wrong_token=True)

    return routes


def _page(
    request: Request, paths: Paths, reason: str | None, after: int, *, is_wrong_token: bool = False
) -> HTMLResponse:
    may_read = is_signed_in(request, request.app.state.token)
    counts = _query(
        paths, "select kind, reason, count(*) as count from rows group by all order by count desc, kind, reason"
    )
    rows: list[dict[str, Any]] = []
    if may_read:
        where = "where reason = ?" if reason else ""
        window = f"order by quarantined_at desc, file, line limit {_PAGE_ROWS + 1} offset {int(after)}"
        rows = _query(paths, f"select * from rows {where} {window}", [reason] if reason else [])
    return render.page(
        request,
        "quarantine.html",
        status_code=403 if is_wrong_token else 200,
        counts=counts,
        total=sum(row["count"] for row in counts),
        rows=rows[:_PAGE_ROWS],
        reason=reason,
        newer=max(0, after - _PAGE_ROWS) if after else None,
        older=after + _PAGE_ROWS if len(rows) > _PAGE_ROWS else None,
        may_read=may_read,
        is_wrong_token=is_wrong_token,
    )


def _query(paths: Paths, query: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    files = [str(file) for file in sorted(paths.quarantine.glob("*.parquet"))]
    if not files:
        return []
    with connect() as connection:
        connection.read_parquet(files).create_view("rows")
        result = connection.execute(query, parameters or [])
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
