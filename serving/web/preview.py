"""Trying changed rules on yesterday's requests: what would change, before anything goes live. Needs the token."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from core import clock
from core.algorithms.next_video.rules import parse_rules
from core.errors import UserError
from core.settings import Settings
from serving.auth import is_token
from serving.next_video.preview import preview
from serving.web import render
from serving.web.session import is_signed_in, signed_in

_REQUESTS = 2000
"""Enough to see what a rule does, in seconds; the command takes all."""
_PARTS = ("outcomes", "genre", "collection", "age")
_ROWS = 12


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    rules_file = settings.config / "next_video" / "rules.yaml"

    @routes.get("/preview", response_class=HTMLResponse)
    def form(request: Request) -> HTMLResponse:
        return _page(request, rules_file.read_text(encoding="utf-8"))

    @routes.post("/preview/sign-in", response_class=HTMLResponse)
    def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        if is_token(token.strip(), request.app.state.token):
            return signed_in("/preview", token.strip())
        return _page(request, "", problem_key="wrong_token", status_code=403)

    @routes.post("/preview", response_class=HTMLResponse)
    def run(request: Request, rules: Annotated[str, Form()] = "") -> HTMLResponse:
        if not is_signed_in(request, request.app.state.token):
            return _page(request, rules, problem_key="needs_token", status_code=403)
        try:
            changed = parse_rules(rules, "the text")
            found = preview(settings, request.app.state.champions, changed, clock.now(), _REQUESTS)
        except UserError as error:
            return _page(request, rules, problem=str(error), status_code=422)
        return _page(request, rules, found=found)

    return routes


def _page(
    request: Request,
    text: str,
    *,
    found: Any = None,
    problem: str | None = None,
    problem_key: str | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    may_try = is_signed_in(request, request.app.state.token)
    return render.page(
        request,
        "preview.html",
        status_code=status_code,
        rules=text if may_try else "",
        found=found,
        parts=[(part, _rows(found, part)) for part in _PARTS] if found else [],
        problem=problem,
        problem_key=problem_key,
        may_try=may_try,
    )


def _rows(found: Any, part: str) -> list[tuple[str, int, int]]:
    """Name, count now, count then; the most frequent first."""
    before: Counter[str] = getattr(found.change.before, part)
    after: Counter[str] = getattr(found.change.after, part)
    names = sorted(set(before) | set(after), key=lambda name: -(before[name] + after[name]))
    return [(name, before[name], after[name]) for name in names[:_ROWS]]
