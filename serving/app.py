"""The app: composes what serving is made of, and starts and stops what runs in the background."""

import gc
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from threadpoolctl import threadpool_limits

from core import clock, logs
from core.algorithms.next_video.bundle import Bundle
from core.algorithms.next_video.chain import Limits
from core.algorithms.next_video.rules import load_rules
from core.privacy import load_pseudonyms
from core.settings import Settings, load
from serving import health, model_cards, quarantine, reports
from serving.ad_decision.part import add_ad_decisions, deciding
from serving.ad_detection.reports_api import add_reports
from serving.ad_detection.verdicts_api import add_verdicts
from serving.auth import load_token
from serving.body_limit import BodyLimit
from serving.catalogue_source import CatalogueSource
from serving.decision_log import DecisionLog
from serving.errors import handle_errors
from serving.experiments_source import ExperimentsSource
from serving.households.part import add_households, streaming
from serving.late_files import LateFiles
from serving.metrics import Measured, Metrics
from serving.next_video import api, decisions, series
from serving.next_video.arms import Arms
from serving.next_video.past import PastModels
from serving.next_video.service import NextVideoService, warm_up
from serving.next_video.taste import Taste
from serving.next_video.variants import Variants
from serving.online_features import OnlineFeatures
from serving.poller import Poller
from serving.registry import ChampionSource, MlflowChampions, ModelRegistry

_CATALOGUE_POLL_SECONDS = 1.0
_EXPERIMENTS_POLL_SECONDS = 1.0
_LARGER_BODIES = {"/detections/hear": 2 * 1024**3}
"""A file of sound that the player's user lets this very machine hear (``serving.web.uploaded_sound``)."""


def create_app(
    settings: Settings,
    now: Callable[[], datetime] = clock.now,
    champions: ChampionSource | None = None,
) -> FastAPI:
    """Compose the API and the pages over what the last pipeline run made.

    Args:
        settings: of the process.
        now: the clock of requests; tests stop it.
        champions: where models come from, MLflow's registry unless told otherwise.

    Raises:
        UserError: rules, experiments or keys are damaged; the message says which file.
    """
    experiments = ExperimentsSource(settings.config / "experiments")
    champions = champions or MlflowChampions(settings.paths)
    service = _service(settings, now, champions, experiments)
    app = FastAPI(
        title="Mediathek ML",
        version="1",
        summary="Next-Video, its model cards and what monitors it",
        docs_url=None,  # the usual pages load their scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan(service, settings),
    )
    app.state.token = load_token(settings)
    app.state.catalogue = service.catalogue
    app.state.champions = champions
    app.state.past_models = PastModels(champions)
    app.state.model_version = lambda: service.models.served.version if service.models.served else None
    app.state.experiments = experiments

    def refresh_experiments() -> None:
        experiments.refresh()
        service.arms.refresh()

    app.state.refresh_experiments = refresh_experiments
    handle_errors(app)
    app.add_middleware(BodyLimit, max_bytes=settings.serving.max_body_kilobytes * 1024, larger=_LARGER_BODIES)
    app.add_middleware(Measured, metrics=service.metrics)
    app.include_router(health.router(service.catalogue, service.models, service.log, service.metrics, settings.paths))
    app.include_router(api.router(service, now), prefix="/api/v1")
    app.include_router(decisions.router(settings, app.state.past_models), prefix="/api/v1")
    app.include_router(reports.router(settings.paths, lambda: experiments.experiments), prefix="/api/v1")
    app.include_router(model_cards.router(settings.paths), prefix="/api/v1")
    app.include_router(quarantine.router(settings.paths), prefix="/api/v1")
    app.include_router(series.router(service.catalogue, settings.paths.series_corrections, now), prefix="/api/v1")
    add_households(app, settings, service.metrics.registry)
    add_ad_decisions(app, settings, service.catalogue, now)
    add_verdicts(app, settings.paths, now)
    add_reports(app, settings.paths, now, timedelta(days=settings.retention.reports))
    _add_pages(app, settings)
    return app


def create_app_from_environment() -> FastAPI:
    """For several workers: each is a process of its own that composes its own app."""
    logs.set_up()
    return create_app(load())


def _service(
    settings: Settings, now: Callable[[], datetime], champions: ChampionSource, experiments: ExperimentsSource
) -> NextVideoService:
    rules = load_rules(settings.config / "next_video" / "rules.yaml")
    limits, blend = Limits.of(settings), settings.next_video.blend
    metrics = Metrics()
    catalogue = CatalogueSource(settings, rules, now)
    log = DecisionLog(
        settings.paths.decision_log,
        settings.serving.decision_flush_seconds,
        on_error=metrics.decision_log_errors.inc,
        on_lost=metrics.decision_log_lost.inc,
    )

    def warm(bundle: Bundle) -> None:
        warm_up(catalogue.catalogue, rules, limits, blend, bundle, now())

    def on_served(version: str) -> None:
        metrics.serve_model(version)
        gc.freeze()  # what is loaded now stays: no full collection stops requests to look through it again

    def catalogue_age_seconds() -> float:
        written_at = catalogue.written_at()
        return (now() - written_at).total_seconds() if written_at else float("nan")

    metrics.watch(catalogue_age_seconds, log.waiting)
    models = ModelRegistry(champions, warm, on_served, metrics.model_load_failures.inc)
    variants = Variants(settings, lambda: experiments.experiments, champions, now, warm)
    arms = Arms(lambda: experiments.experiments, blend, load_pseudonyms(settings.paths.keys), variants)
    taste = Taste(OnlineFeatures(settings))
    return NextVideoService(rules, limits, arms, taste, catalogue, models, log, metrics)


def _lifespan(service: NextVideoService, settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.catalogue.refresh()
        pollers = [
            Poller("catalogue", _CATALOGUE_POLL_SECONDS, service.catalogue.refresh),
            Poller("experiments", _EXPERIMENTS_POLL_SECONDS, app.state.refresh_experiments),
            Poller("model", settings.serving.model_poll_seconds, service.refresh_models),
        ]
        service.log.start()
        for poller in pollers:
            poller.start()
        # more threads would fight over the cores that requests need
        with threadpool_limits(1):
            async with streaming(app), deciding(app):
                yield
        for poller in pollers:
            poller.stop()
        service.log.stop()
        app.state.detection_reports.close()
        gc.unfreeze()

    return lifespan


def _add_pages(app: FastAPI, settings: Settings) -> None:
    """The pages, where they are installed, and dbt's documentation beside them."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> RedirectResponse:
        return RedirectResponse("/openapi.json")

    documentation = settings.paths.dbt_target / "docs"
    app.mount("/docs/dbt", LateFiles(directory=documentation, html=True, check_dir=False))
    if importlib.util.find_spec("serving.web") is None:
        return
    from serving.web import render, routes

    app.include_router(routes.router(settings))
    app.mount("/static", LateFiles(directory=render.STATIC, check_dir=False))
