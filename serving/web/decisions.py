"""A past answer in plain words: what was asked, what came out, whether the same comes out again. Needs the token."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from core.algorithms.next_video.rules import load_rules
from core.settings import Settings
from serving.auth import is_token
from serving.next_video.decisions import as_json, look_up
from serving.web import render
from serving.web.session import is_signed_in, signed_in


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/decisions", response_class=HTMLResponse)
    def decisions(request: Request, id: str = "") -> HTMLResponse:
        return _page(request, settings, id.strip())

    @routes.post("/decisions", response_class=HTMLResponse)
    def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        if is_token(token.strip(), request.app.state.token):
            return signed_in("/decisions", token.strip())
        return _page(request, settings, "", problem="wrong_token", status_code=403)

    return routes


def _page(
    request: Request, settings: Settings, decision_id: str, *, problem: str | None = None, status_code: int = 200
) -> HTMLResponse:
    may_read = is_signed_in(request, request.app.state.token)
    found: dict[str, Any] | None = None
    if may_read and decision_id:
        try:
            found = as_json(*look_up(settings, request.app.state.past_models, decision_id))
        except HTTPException:
            problem, status_code = "decision_unknown", 404
    language = render.language_of(request)
    reason = found["record"]["reason"] if found else None
    return render.page(
        request,
        "decisions.html",
        status_code=status_code,
        decision_id=decision_id,
        found=found,
        reason=_rule_text(settings, reason, language) if reason else None,
        may_read=may_read,
        problem=problem,
    )


def _rule_text(settings: Settings, number: str, language: Any) -> str:
    rules = load_rules(settings.config / "next_video" / "rules.yaml")
    return rules.text_of(number, language, settings.next_video.model_dump()).text
