"""The households page: a city of households that moves (HH-3, HH-4). Device-level, so only with the token."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from core.domain import DEVICE_CLASSES
from core.settings import Settings
from serving.auth import is_token
from serving.households.api import HouseholdId, described
from serving.households.words import words_for
from serving.web import render
from serving.web.session import is_signed_in, signed_in
from serving.web.texts import text

_PREFIX = "hh_"
_SCRIPT_TEXTS = (
    "live", "away", "now", "play", "pause", "still", "choose", "nothing_found", "last_event", "devices", "contents",
    "linked", "addresses", "changes", "household", "device", "content", "households_count", "devices_count",
    "links_count", "more", "part", "about_address", "about_content", "unknown", "standing", "standing_since",
    "a_minute",
)  # fmt: skip


def router(_: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/households", response_class=HTMLResponse)
    def households(request: Request) -> HTMLResponse:
        return _page(request)

    @routes.post("/households", response_class=HTMLResponse)
    def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        if is_token(token.strip(), request.app.state.token):
            return signed_in("/households", token.strip())
        return _page(request, is_wrong_token=True)

    @routes.get("/households/data/{household_id}")
    def one(request: Request, household_id: HouseholdId) -> Response:
        """What the API says, for the browser that has the token in its cookie."""
        if not is_signed_in(request, request.app.state.token):
            raise HTTPException(401, "sign in at /households")
        return described(request.app.state.household_graph, household_id)

    return routes


def _page(request: Request, *, is_wrong_token: bool = False) -> HTMLResponse:
    language = render.language_of(request)
    script_texts = {name: text(_PREFIX + name, language) for name in _SCRIPT_TEXTS}
    script_texts |= {name: text(name, language) for name in DEVICE_CLASSES}
    words = {"changes": words_for("changes", language), "reasons": words_for("reasons", language)}
    return render.page(
        request,
        "households.html",
        status_code=403 if is_wrong_token else 200,
        may_read=is_signed_in(request, request.app.state.token),
        is_wrong_token=is_wrong_token,
        script_texts=script_texts | {"language": language, "words": words},
    )
