"""Why a spot was shown to a household or device, looked up by pseudonym and time. Needs the token."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from core.privacy import DEVICE_KEY
from core.settings import Settings
from serving.ad_decision.counters import CountersError
from serving.ad_decision.service import BREAK_UNIT, AdDecisionService
from serving.ad_decision.shown import MOST, Shown, shown_to
from serving.web import render
from serving.web.ad_pages import closed
from serving.web.ad_words import AdWords
from serving.web.session import is_signed_in

_KEPT = timedelta(days=3)
_AROUND = timedelta(hours=1)


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/ads/why", response_class=HTMLResponse)
    def why(request: Request, unit: str = "", at: str = "") -> HTMLResponse:
        if not is_signed_in(request, request.app.state.token):
            return closed(request)
        return _page(request, unit.strip(), at.strip())

    return routes


def _page(request: Request, unit: str, at: str) -> HTMLResponse:
    service: AdDecisionService = request.app.state.ad_decisions
    now: datetime = request.app.state.ad_now()
    zone = service.rules.zone
    problem: str | None = None
    found: list[Shown] = []
    try:
        moment = datetime.fromisoformat(at).replace(tzinfo=zone) if at else None
        since = (moment - _AROUND if moment else now - _KEPT).astimezone(UTC)
        until = (moment + _AROUND if moment else now + _KEPT).astimezone(UTC)
        if unit:
            members = _units(service, unit)
            found = shown_to(service, members, since, until, now) if members else []
            problem = None if members else "why_unknown"
    except (ValueError, OverflowError):
        problem = "why_no_time"
    except (CountersError, TimeoutError):
        problem = "why_no_counters"
    words = AdWords(request.app.state.catalogue.catalogue, zone, render.language_of(request))
    return render.page(
        request,
        "ads_why.html",
        status_code={"why_unknown": 404, "why_no_time": 422, "why_no_counters": 503}.get(problem or "", 200),
        unit=unit,
        at=at,
        zone=service.rules.timezone,
        problem=problem,
        rows=[words.row(each) for each in found],
        is_cut=len(found) == MOST,
        household=_household(service, unit),
        is_asked=bool(unit) and problem is None,
    )


def _units(service: AdDecisionService, unit: str) -> tuple[str, ...]:
    """Whose plays are meant: a device, all of a household's with consent, or the list of a break of nobody known."""
    if DEVICE_KEY.fullmatch(unit) or unit.startswith(BREAK_UNIT):
        return (unit,)
    party = service.audience.household(unit)
    return () if party is None else party.units or (unit,)


def _household(service: AdDecisionService, unit: str) -> Any:
    return service.audience.device(unit).household if DEVICE_KEY.fullmatch(unit) else None
