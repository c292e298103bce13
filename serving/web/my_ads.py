"""For viewers: why this ad, how often, and an opt-out that holds from the next break on (PRV-2, PRV-4).

A MAC is printed on the device and heard on its network, so naming one proves nothing. What is shown here takes a link
that the platform's own app fetches for its device with the token (``POST /api/v1/my-ads/link``): signed, for that one
device, for a week. It shows and changes nothing else.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from core.privacy import DEVICE_KEY, is_device_mac, normalise_mac
from core.settings import Settings
from serving.ad_decision.counters import CountersError
from serving.ad_decision.service import AdDecisionService
from serving.ad_decision.shown import Shown, shown_to
from serving.ad_decision.signing import ForgedError, Signer, Ticket, load_signer
from serving.auth import require_token
from serving.errors import ErrorBody, InvalidFieldsError
from serving.web import render
from serving.web.ad_words import AdWords
from serving.web.session import is_signed_in
from serving.web.texts import text

VALID_FOR = timedelta(days=7)
_EVENT = "my-ads"
_KEPT = timedelta(days=3)
_ROWS = 50


class DeviceSent(BaseModel):
    """Whose page is wanted: exactly one of the two."""

    mac: str | None = Field(default=None, description="of the device, in any common notation")
    device_key: str | None = Field(default=None, description="its pseudonym")


class LinkAnswer(BaseModel):
    """Where the app sends its viewer."""

    address: str
    expires_at: datetime


def links(settings: Settings) -> APIRouter:
    """The route for the platform's app."""
    routes = APIRouter(tags=["ad-decision"], dependencies=[Depends(require_token)])
    signer = load_signer(settings.paths.ads.tracking_key)

    @routes.post(
        "/api/v1/my-ads/link",
        responses={401: {"model": ErrorBody}, 413: {"model": ErrorBody}, 422: {"model": ErrorBody}},
    )
    def link(request: Request, sent: DeviceSent) -> LinkAnswer:
        """A link for one device's viewer: what ads it was shown and why, and the opt-out; valid for a week."""
        return _link(request, signer, sent)

    return routes


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    signer = load_signer(settings.paths.ads.tracking_key)

    @routes.get("/my-ads", response_class=HTMLResponse)
    def my_ads(request: Request, code: str = "", done: str = "") -> HTMLResponse:
        return _page(request, signer, code.strip(), done=bool(done))

    @routes.post("/my-ads", response_class=HTMLResponse)
    def choose(request: Request, code: Annotated[str, Form()] = "", out: Annotated[str, Form()] = "") -> Response:
        device_key = _device_of(signer, code, request.app.state.ad_now())
        if device_key is None:
            return _page(request, signer, code)
        _service(request).opt_outs.set(device_key, bool(out), request.app.state.ad_now())
        return RedirectResponse(f"/my-ads?{urlencode({'code': code, 'done': '1'})}", status_code=303)

    @routes.post("/my-ads/open", response_class=HTMLResponse)
    def open_for(request: Request, device: Annotated[str, Form()] = "") -> Response:
        """For whoever has the token and helps a viewer."""
        if not is_signed_in(request, request.app.state.token):
            return _page(request, signer, "", problem="ads_needs_token", status_code=403)
        is_key = DEVICE_KEY.fullmatch(device.strip())
        try:
            sent = DeviceSent(device_key=device.strip()) if is_key else DeviceSent(mac=device)
            return RedirectResponse(_link(request, signer, sent).address, status_code=303)
        except InvalidFieldsError:
            return _page(request, signer, "", problem="my_no_device", status_code=422)

    return routes


def _link(request: Request, signer: Signer, sent: DeviceSent) -> LinkAnswer:
    if (sent.mac is None) == (sent.device_key is None):
        raise InvalidFieldsError([{"loc": ("mac",), "msg": "give exactly one of mac and device_key"}])
    if sent.device_key is not None and not DEVICE_KEY.fullmatch(sent.device_key):
        raise InvalidFieldsError([{"loc": ("device_key",), "msg": "is no device's key"}])
    mac = normalise_mac((sent.mac or "").strip())
    if sent.device_key is None and (mac is None or not is_device_mac(mac)):
        raise InvalidFieldsError([{"loc": ("mac",), "msg": "is no MAC address of a device"}])
    device_key = sent.device_key or _service(request).pseudonyms.device_key(mac or "")
    until = request.app.state.ad_now() + VALID_FOR
    code = signer.sign(Ticket(device_key, "", 0, _EVENT, until))
    return LinkAnswer(address=f"/my-ads?{urlencode({'code': code})}", expires_at=until)


def _device_of(signer: Signer, code: str, now: datetime) -> str | None:
    """The device that a code is for; None where it is forged, for something else, or expired."""
    try:
        ticket = signer.read(code)
    except ForgedError:
        return None
    return ticket.break_id if ticket.event == _EVENT and now < ticket.expires_at else None


def _page(
    request: Request,
    signer: Signer,
    code: str,
    *,
    done: bool = False,
    problem: str | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    now: datetime = request.app.state.ad_now()
    device_key = _device_of(signer, code, now) if code else None
    if code and device_key is None:
        problem, status_code = "my_bad_code", 403
    found: dict[str, Any] = {}
    if device_key is not None:
        try:
            found = _found(request, device_key, now)
        except (CountersError, TimeoutError):
            problem, status_code = "why_no_counters", 503
    response = render.page(
        request,
        "my_ads.html",
        status_code=status_code,
        code=code if device_key else "",
        found=found,
        done=done,
        problem=problem,
        may_open=is_signed_in(request, request.app.state.token),
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _found(request: Request, device_key: str, now: datetime) -> dict[str, Any]:
    service, language = _service(request), render.language_of(request)
    plays = shown_to(service, (device_key,), now - _KEPT, now, now)
    plays = [each for each in plays if each.state in ("played", "reserved", "heard")]
    words = AdWords(request.app.state.catalogue.catalogue, service.rules.zone, language)
    viewer = service.audience.device(device_key).viewer
    beliefs = []
    if viewer is not None:
        known = (("age_groups", viewer.age_group), ("gender", viewer.gender), ("income", viewer.income))
        beliefs = [(f"adf_{what}", words.value(value)) for what, value in known if value]
        if viewer.shared_interests:
            beliefs.append(("adf_linked_categories", ", ".join(sorted(viewer.shared_interests))))
    today = service.rules.day_start(now)
    return {
        "has_consent": service.audience.consents.has(device_key),
        "is_out": service.opt_outs.has(device_key),
        "beliefs": [(text(key, language), value) for key, value in beliefs],
        "counts": _counts(plays, today),
        "rows": [words.row(each) for each in plays[:_ROWS]],
        "gap": f"{service.rules.gap_minutes:g}",
    }


def _counts(plays: list[Shown], today: datetime) -> list[dict[str, Any]]:
    """How often each spot came on this device, the most frequent first, and what the campaign allows a household."""
    whole, of_today = Counter(each.play.spot_id for each in plays), Counter[str]()
    of_today.update(each.play.spot_id for each in plays if each.play.at >= today)
    campaigns = {each.play.spot_id: each.campaign for each in plays}
    return [
        {
            "spot_id": spot_id,
            "advertiser": campaign.advertiser if (campaign := campaigns[spot_id]) else None,
            "today": of_today[spot_id],
            "days": count,
            "per_day": campaign.per_day if campaign else None,
        }
        for spot_id, count in whole.most_common()
    ]


def _service(request: Request) -> AdDecisionService:
    service: AdDecisionService = request.app.state.ad_decisions
    return service
