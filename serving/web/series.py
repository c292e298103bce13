"""The work list of series metadata: findings for everybody, one click to accept a fix for those who have the token."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from core import clock
from core.algorithms.next_video.numbering.entry import HIGH
from core.algorithms.next_video.numbering.findings import TEXTS, written
from core.settings import Settings
from serving.auth import is_token
from serving.next_video.series import CorrectionBody, add_correction
from serving.next_video.work_list import work_list
from serving.web import render
from serving.web.session import is_signed_in, signed_in

_PAGE_ROWS = 100


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/series", response_class=HTMLResponse)
    def series(
        request: Request, code: str | None = None, after: Annotated[int, Query(ge=0)] = 0, done: str | None = None
    ) -> HTMLResponse:
        return _page(request, code if code in TEXTS else None, after, done=done)

    @routes.post("/series/sign-in", response_class=HTMLResponse)
    def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        if is_token(token.strip(), request.app.state.token):
            return signed_in("/series", token.strip())
        return _page(request, None, 0, problem="wrong_token", status_code=403)

    @routes.post("/series", response_class=HTMLResponse)
    def correct(
        request: Request,
        content_id: Annotated[str, Form()] = "",
        season: Annotated[str, Form()] = "",
        episode: Annotated[str, Form()] = "",
        code: Annotated[str, Form()] = "",
    ) -> Response:
        if not is_signed_in(request, request.app.state.token):
            return _page(request, None, 0, problem="needs_token", status_code=403)
        try:
            body = CorrectionBody.model_validate(
                {"content_id": content_id, "season": season.strip() or None, "episode": episode.strip() or None}
            )
        except ValidationError:
            return _page(request, code or None, 0, problem="series_bad_number", status_code=422)
        add_correction(request.app.state.catalogue, settings.paths.series_corrections, body, clock.now())
        request.app.state.catalogue.refresh()  # so that the page shows what has been done
        back = f"/series?done={content_id}" + (f"&code={code}" if code in TEXTS else "")
        return RedirectResponse(back, status_code=303)

    return routes


def _page(
    request: Request,
    code: str | None,
    after: int,
    *,
    done: str | None = None,
    problem: str | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    catalogue = request.app.state.catalogue.catalogue
    items = work_list(catalogue, render.language_of(request)) if catalogue else []
    shown = [item for item in items if code in (None, item.code)]
    serial = len(catalogue.numbers.resolved) if catalogue else 0
    sure = sum(each.confidence >= HIGH for each in catalogue.numbers.resolved.values()) if catalogue else 0
    return render.page(
        request,
        "series.html",
        status_code=status_code,
        counts=Counter(item.code for item in items).most_common(),
        total=len(items),
        rows=shown[after : after + _PAGE_ROWS],
        code=code,
        newer=max(0, after - _PAGE_ROWS) if after else None,
        older=after + _PAGE_ROWS if len(shown) > after + _PAGE_ROWS else None,
        series_count=len(catalogue.numbers.entries) if catalogue else 0,
        serial=serial,
        sure_percent=100 * sure / serial if serial else 0,
        is_there=catalogue is not None,
        may_write=is_signed_in(request, request.app.state.token),
        written=written,
        done=done,
        problem=problem,
    )
