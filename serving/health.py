"""``/healthz``, ``/readyz`` and ``/metrics``: at the root, for whoever keeps the server running."""

from typing import Any

import orjson
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge

from core import erasure_journal
from core.paths import Paths
from serving.catalogue_source import CatalogueSource
from serving.decision_log import DecisionLog
from serving.metrics import Metrics
from serving.registry import ModelRegistry


def router(
    catalogue: CatalogueSource, models: ModelRegistry, log: DecisionLog, metrics: Metrics, paths: Paths
) -> APIRouter:
    routes = APIRouter(tags=["health"])
    unfinished = Gauge(
        "mediathek_erasure_unfinished", "1: an erasure was broken off (PRV-3)", registry=metrics.registry
    )
    unfinished.set_function(lambda: float(erasure_journal.state(paths)["state"] == "unfinished"))

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @routes.get("/readyz", responses={503: {"description": "something needed is not loaded; the body says what"}})
    async def readyz() -> Response:
        """200 once catalogue and model are loaded. Errors beside that are told, and do not make it unready: the last
        good catalogue and model go on serving, and a decision log that cannot write keeps its records in memory. An
        erasure that was broken off is told with the command that finishes it (PRV-3)."""
        body = readiness(catalogue, models, log) | {"erasure": erasure_journal.state(paths)}
        return Response(orjson.dumps(body), 200 if body["ready"] else 503, media_type="application/json")

    @routes.get("/metrics")
    async def prometheus() -> Response:
        """For Prometheus."""
        return Response(metrics.render(), media_type=CONTENT_TYPE_LATEST)

    return routes


def readiness(catalogue: CatalogueSource, models: ModelRegistry, log: DecisionLog) -> dict[str, Any]:
    """What is loaded and what is wrong."""
    served = models.served
    missing = []
    if catalogue.catalogue is None:
        missing.append(f"catalogue: {catalogue.error}")
    if served is None:
        missing.append(f"model: {models.error or 'no champion yet; run `mediathek pipeline`'}")
    written_at = catalogue.written_at()
    return {
        "ready": not missing,
        "missing": missing,
        "catalogue": {
            "entries": len(catalogue.catalogue) if catalogue.catalogue else 0,
            "written_at": written_at.isoformat() if written_at else None,
            "error": catalogue.error,
        },
        "model": {
            "name": served.name if served else None,
            "version": served.version if served else None,
            "error": models.error,
        },
        "decision_log": {"waiting": log.waiting(), "error": log.error},
    }
