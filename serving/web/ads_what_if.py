"""What if a cap or a split were another: the last day's breaks chosen again. Changes nothing. Needs the token."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from core.domain import DEVICE_CLASSES
from core.settings import Settings
from serving.ad_decision.campaigns_source import Campaigns
from serving.ad_decision.counters import CountersError
from serving.ad_decision.service import AdDecisionService
from serving.ad_decision.what_if import Replayed, pacer_of, past_breaks, replay
from serving.web import ad_form, render
from serving.web.ad_pages import closed
from serving.web.session import is_signed_in

_CHANGED = ("per_day", *ad_form.SPLIT)


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/ads/what-if", response_class=HTMLResponse)
    async def what_if(request: Request) -> HTMLResponse:
        if not is_signed_in(request, request.app.state.token):
            return closed(request)
        return await run_in_threadpool(_page, request, settings)

    return routes


def _page(request: Request, settings: Settings) -> HTMLResponse:
    service: AdDecisionService = request.app.state.ad_decisions
    now: datetime = request.app.state.ad_now()
    campaign_id = request.query_params.get("id", "")
    row = service.campaigns.rows.get(campaign_id)
    form = ad_form.shown(row, service.rules.zone)
    problems: ad_form.Problems = {}
    found: dict[str, Any] | None = None
    problem = None if row else "ads_unknown"
    if row and "per_day" in request.query_params:
        form |= {field: request.query_params.get(field, "").strip() for field in _CHANGED}
        line, problems = ad_form.line_of(form, service.rules.zone, now)
        try:
            found = None if problems else _found(service, settings, campaign_id, line, now)
        except (CountersError, TimeoutError):
            problem = "why_no_counters"
    return render.page(
        request,
        "ads_what_if.html",
        status_code=404 if row is None else 422 if problems else 200,
        known=campaign_id,
        form=form,
        problems=problems,
        problem=problem,
        split=list(zip(ad_form.SPLIT, DEVICE_CLASSES, strict=True)),
        found=found,
    )


def _found(
    service: AdDecisionService, settings: Settings, campaign_id: str, line: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The day as it is and as it would be."""
    is_now = service.campaigns.campaigns
    split = line["device_split"]
    would_be = [
        replace(each, per_day=line["cap"]["per_day"], device_split=split) if each.campaign_id == campaign_id else each
        for each in is_now.campaigns
    ]
    breaks = past_breaks(service.counters, now)
    sides = [
        replay(service, campaigns, pacer_of(service, settings.paths, campaigns, now), breaks)
        for campaigns in (is_now, Campaigns.of(would_be))
    ]
    names = sorted({name for side in sides for name, _ in side.placed}, key=lambda name: (name != campaign_id, name))
    return {
        "breaks": len(breaks),
        "classes": [(each, *(side.placed[campaign_id, each] for side in sides)) for each in DEVICE_CLASSES],
        "campaigns": [(name, *(_of(side, name) for side in sides)) for name in names],
        "reach": [_reach(side, campaign_id) for side in sides],
        "unfilled": [side.unfilled for side in sides],
        "slots": sides[0].slots,
    }


def _of(side: Replayed, campaign_id: str) -> int:
    return sum(number for (name, _), number in side.placed.items() if name == campaign_id)


def _reach(side: Replayed, campaign_id: str) -> int:
    return sum(name == campaign_id for name, _ in side.seen)
