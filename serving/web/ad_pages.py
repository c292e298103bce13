"""What the ad manager's pages show and keep; who may see them is asked by ``ads``."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from core.domain import DEVICE_CLASSES
from core.settings import Settings
from serving.ad_decision.campaign_changes import append_change, line_of_row
from serving.ad_decision.counters import CountersError, Totals
from serving.ad_decision.service import AdDecisionService
from serving.web import ad_form, render
from serving.web.ad_delivery import LOOKED_BACK_DAYS, Delivery, HeardSource, delivery_of, plots
from serving.web.ad_history import Entry, history
from serving.web.texts import text

_ONE_STEP = timedelta(microseconds=1)
_PLOT_TEXTS = (
    "ads_placed", "ads_planned", "ads_plot_classes", "ads_plot_frequency", "ads_plays_a_day", "ads_households", "empty",
    *DEVICE_CLASSES,
)  # fmt: skip
_STATUS_TONES = {"running": "good", "paused": "warn", "over": "", "not_yet": "", "complete": "accent"}


def closed(request: Request, problem: str | None = None) -> HTMLResponse:
    """Ask for the token; nothing else is shown."""
    return render.page(request, "ads_closed.html", status_code=403 if problem else 200, problem=problem)


class AdPages:
    """The list, one campaign, and what is changed there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._heard: HeardSource | None = None

    def all(self, request: Request, *, problem: str | None = None, status_code: int = 200) -> HTMLResponse:
        """All campaigns, those that run first."""
        deliveries, problem = self._deliveries(request, problem)
        order = list(_STATUS_TONES)
        deliveries.sort(key=lambda each: (order.index(each.status), each.campaign.campaign_id))
        return self._page(request, "ads.html", deliveries, status_code, problem=problem)

    def one(
        self,
        request: Request,
        campaign_id: str,
        sent: ad_form.Filled | None = None,
        problems: Mapping[str, str] | None = None,
        *,
        problem: str | None = None,
        done: bool = False,
        status_code: int = 200,
    ) -> HTMLResponse:
        """One campaign with its form; an empty id is a new one."""
        service = _service(request)
        row = service.campaigns.rows.get(campaign_id)
        if campaign_id and row is None:
            return self.all(request, problem="ads_unknown", status_code=404)
        deliveries, problem = self._deliveries(request, problem)
        deliveries = [each for each in deliveries if each.campaign.campaign_id == campaign_id]
        form = sent or ad_form.shown(row, service.rules.zone)
        return self._page(
            request,
            "ads_campaign.html",
            deliveries,
            status_code,
            known=campaign_id,
            form=form,
            choices={
                field: [*known, *sorted(set(form[field]) - set(known))] for field, known in ad_form.CHOICES.items()
            },
            split=list(zip(ad_form.SPLIT, DEVICE_CLASSES, strict=True)),
            problems=problems or {},
            problem=problem,
            done=done,
            delivery=deliveries[0] if deliveries else None,
            history=self._history(request, campaign_id),
            zone=service.rules.timezone,
        )

    def save(self, request: Request, sent: ad_form.Filled, known: str) -> Response:
        """Keep a changed or a new campaign; it counts from the next break on."""
        service, now = _service(request), request.app.state.ad_now()
        service.campaigns.refresh()
        row = service.campaigns.rows.get(known)
        if known and row is None:
            return self.all(request, problem="ads_unknown", status_code=404)
        sent = sent | ({"campaign_id": known} if known else {})
        line, problems = ad_form.line_of(sent, service.rules.zone, _after(row, now))
        if not known and sent["campaign_id"] in service.campaigns.rows:
            problems["campaign_id"] = "adp_exists"
        if problems:
            return self.one(request, known, sent, problems, problem="ads_not_saved", status_code=422)
        if row is not None and row["updated_at"].isoformat() != sent["seen"]:
            return self.one(request, known, problem="ads_changed_meanwhile", status_code=409)
        return self._keep(request, line) or _to("/ads/campaign", id=sent["campaign_id"], done="1")

    def pause(self, request: Request, campaign_id: str, is_paused: bool) -> Response:
        """Pause a campaign or let it go on."""
        service, now = _service(request), request.app.state.ad_now()
        service.campaigns.refresh()
        row = service.campaigns.rows.get(campaign_id)
        if row is None:
            return self.all(request, problem="ads_unknown", status_code=404)
        if bool(row.get("paused")) == is_paused:
            return _to("/ads")
        changed = line_of_row(row) | {"paused": is_paused, "updated_at": _after(row, now).isoformat()}
        return self._keep(request, changed) or _to("/ads")

    def _keep(self, request: Request, line: Mapping[str, Any]) -> Response | None:
        try:
            append_change(self._settings.paths.ads.campaign_changes, line)
        except OSError:
            return self.all(request, problem="ads_cannot_keep", status_code=503)
        service = _service(request)
        service.campaigns.refresh()
        with suppress(CountersError, TimeoutError):
            service.refresh_placed()  # the pacing takes up a new campaign with it
        return None

    def _deliveries(self, request: Request, problem: str | None) -> tuple[list[Delivery], str | None]:
        service, now = _service(request), request.app.state.ad_now()
        totals: Totals = {}
        try:
            totals = service.counters.totals().result(timeout=30)
        except (CountersError, TimeoutError):
            problem = problem or "ads_no_counters"
        heard = self._source(service).heard(service.campaigns.campaigns, now)
        return [delivery_of(each, totals, heard, now) for each in service.campaigns.campaigns.campaigns], problem

    def _source(self, service: AdDecisionService) -> HeardSource:
        self._heard = self._heard or HeardSource(self._settings.paths, service.rules.timezone)
        return self._heard

    def _page(
        self, request: Request, template: str, deliveries: list[Delivery], status_code: int, **values: Any
    ) -> HTMLResponse:
        service, now = _service(request), request.app.state.ad_now()
        language = render.language_of(request)
        heard = self._source(service).heard(service.campaigns.campaigns, now)
        is_list = len(deliveries) > 1
        drawn = plots([each for each in deliveries if not (is_list and each.status == "over")], heard)
        drawn["texts"] = {key: text(key, language, days=str(LOOKED_BACK_DAYS)) for key in _PLOT_TEXTS}
        return render.page(
            request,
            template,
            status_code=status_code,
            plots=drawn,
            deliveries=deliveries,
            tones=_STATUS_TONES,
            day=lambda at: at.astimezone(service.rules.zone).strftime("%d.%m.%Y" if language == "de" else "%d %b %Y"),
            **values,
        )

    def _history(self, request: Request, campaign_id: str) -> list[Entry]:
        zone, language = _service(request).rules.zone, render.language_of(request)
        return history(self._settings.paths, campaign_id, zone, language) if campaign_id else []


def _after(row: Mapping[str, Any] | None, now: datetime) -> datetime:
    """Now, or just after the line that is replaced, should its clock be ahead."""
    return now if row is None else max(now, row["updated_at"].replace(tzinfo=now.tzinfo) + _ONE_STEP)


def _service(request: Request) -> AdDecisionService:
    service: AdDecisionService = request.app.state.ad_decisions
    return service


def _to(path: str, **values: str) -> RedirectResponse:
    return RedirectResponse(path + ("?" + urlencode(values) if values else ""), status_code=303)
