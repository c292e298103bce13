"""What Prometheus reads. One registry an app, so that two apps in one process do not mix."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BUCKETS_SECONDS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 1.0, 5.0)


class Metrics:
    """All metrics of the server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mediathek_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.request_seconds = Histogram(
            "mediathek_request_seconds", "Time to answer", ["route"], buckets=_BUCKETS_SECONDS, registry=self.registry
        )
        self.answers = Counter(
            "mediathek_next_video_answers", "Next-Video answers by case", ["case"], registry=self.registry
        )
        self.hidden = Counter(
            "mediathek_next_video_hidden", "Hidden answers by reason (NV-H*)", ["reason"], registry=self.registry
        )
        self.model = Gauge("mediathek_model_info", "1 for the model now served", ["version"], registry=self.registry)
        self.model_load_failures = Counter(
            "mediathek_model_load_failures", "Champions that did not load", registry=self.registry
        )
        self.decision_log_errors = Counter(
            "mediathek_decision_log_errors", "Failed writes of decision records", registry=self.registry
        )
        self.decision_log_lost = Counter(
            "mediathek_decision_log_lost", "Decision records given up", registry=self.registry
        )
        self._catalogue_age = Gauge(
            "mediathek_catalogue_age_seconds", "Since the catalogue file was written", registry=self.registry
        )
        self._decision_log_waiting = Gauge(
            "mediathek_decision_log_waiting", "Decision records not yet on disk", registry=self.registry
        )

    def watch(self, catalogue_age_seconds: Callable[[], float], records_waiting: Callable[[], float]) -> None:
        """Read these two whenever Prometheus asks."""
        self._catalogue_age.set_function(catalogue_age_seconds)
        self._decision_log_waiting.set_function(records_waiting)

    def serve_model(self, version: str) -> None:
        self.model.clear()
        self.model.labels(version=version).set(1)

    def render(self) -> bytes:
        return generate_latest(self.registry)


class Measured:
    """Middleware that counts and times every request by route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "other")  # the template: no label per id
            self._metrics.requests.labels(scope["method"], route, str(status)).inc()
            self._metrics.request_seconds.labels(route).observe(time.perf_counter() - began)
