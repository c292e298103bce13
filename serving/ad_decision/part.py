"""Ad decisions as one part of the app: sources, counters, routes, and what keeps them new in the background."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from fastapi import FastAPI

from core.algorithms.ads.pacer import Pacer
from core.algorithms.ads.rules import load_ad_rules
from core.privacy import load_pseudonyms
from core.settings import Settings
from serving.ad_decision import api, tracking
from serving.ad_decision.audience import Audience
from serving.ad_decision.campaigns_source import CampaignsSource
from serving.ad_decision.counters_of import counters_of
from serving.ad_decision.lake_follower import LakeFollower
from serving.ad_decision.live_pacer import LivePacer
from serving.ad_decision.opt_outs import OptOuts
from serving.ad_decision.service import AdDecisionService
from serving.ad_decision.signing import load_signer
from serving.catalogue_source import CatalogueSource
from serving.decision_log import DecisionLog
from serving.poller import Poller

_POLL_SECONDS = 0.5
_PRUNE_SECONDS = 3600.0
_KEPT = timedelta(days=3)


def add_ad_decisions(
    app: FastAPI,
    settings: Settings,
    catalogue: CatalogueSource,
    now: Callable[[], datetime],
    pacer: Pacer | None = None,
) -> None:
    """Add the routes; ``app.state.ad_decisions`` is the service, for pages and tests.

    The app's lifespan must hold ``deciding`` while it runs: nothing is opened or read before.

    Raises:
        UserError: ``config/ad_decision/rules.yaml`` is wrong.
    """
    service = make_service(settings, catalogue, pacer)
    app.state.ad_decisions = service
    app.state.ad_follower = LakeFollower(settings.paths, service.audience, service.counters, now)
    app.state.ad_now, app.state.ad_paths = now, settings.paths
    app.state.ad_plays = DecisionLog(settings.paths.ads.plays, settings.serving.decision_flush_seconds)
    signer = load_signer(settings.paths.ads.tracking_key)
    app.include_router(api.router(service, now), prefix="/api/v1")
    app.include_router(tracking.router(service, signer, app.state.ad_plays, now), prefix="/api/v1")


def make_service(settings: Settings, catalogue: CatalogueSource, pacer: Pacer | None = None) -> AdDecisionService:
    """Compose what decides, over the artefacts of a home; nothing is read yet.

    Raises:
        UserError: ``config/ad_decision/rules.yaml`` is wrong.
    """
    rules = load_ad_rules(settings.config)
    campaigns = CampaignsSource(settings.paths.campaigns, settings.paths.ads.campaign_changes)
    audience = Audience(settings.paths, rules, lambda: _linked_categories(campaigns))
    return AdDecisionService(
        rules,
        load_pseudonyms(settings.paths.keys),
        catalogue,
        campaigns,
        audience,
        counters_of(settings),
        OptOuts(settings.paths.ads.opt_outs),
        pacer or LivePacer(rules),
    )


@asynccontextmanager
async def deciding(app: FastAPI) -> AsyncIterator[None]:
    """Read everything once, before the first request; then keep it new."""
    service: AdDecisionService = app.state.ad_decisions
    follower: LakeFollower = app.state.ad_follower
    steps: tuple[tuple[str, float, Callable[[], object]], ...] = (
        ("campaigns", _POLL_SECONDS, service.campaigns.refresh),
        ("ad plays and consents", _POLL_SECONDS, follower.refresh),
        ("ad audience", _POLL_SECONDS, service.audience.refresh),
        ("ad totals", _POLL_SECONDS, service.refresh_placed),
    )
    pollers = [Poller(name, seconds, _ignoring(step)) for name, seconds, step in steps]
    pollers.append(Poller("ad traffic", _PRUNE_SECONDS, lambda: _learn(app)))
    pollers.append(Poller("ad plays' end", _PRUNE_SECONDS, lambda: _prune(app)))
    for _, _, step in steps:
        await asyncio.to_thread(step)
    for poller in pollers:
        poller.start()
    try:
        yield
    finally:
        for poller in pollers:
            poller.stop()
        await asyncio.to_thread(app.state.ad_plays.stop)
        await asyncio.to_thread(service.counters.close)
        service.opt_outs.close()


def _ignoring(step: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        step()

    return run


def _prune(app: FastAPI) -> None:
    app.state.ad_decisions.counters.prune(app.state.ad_now() - _KEPT).result(timeout=600)


def _learn(app: FastAPI) -> None:
    pacer = app.state.ad_decisions.pacer
    if isinstance(pacer, LivePacer):
        pacer.learn(app.state.ad_paths, app.state.ad_now())


def _linked_categories(campaigns: CampaignsSource) -> set[str]:
    return {name for each in campaigns.campaigns.campaigns for name in each.target.linked_categories}
