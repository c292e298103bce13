"""The service behind the route: takes the catalogue and the model of the moment, decides, keeps the record."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.algorithms.next_video.bundle import Bundle, ClassModel
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.chain import Limits, decide
from core.algorithms.next_video.request import Request
from core.algorithms.next_video.rules import Rules
from core.domain import DEVICE_CLASSES
from core.settings import Blend
from serving.catalogue_source import CatalogueSource
from serving.decision_log import DecisionLog
from serving.metrics import Metrics
from serving.next_video.arms import Arms
from serving.next_video.explain import add_reasons, answer_of
from serving.next_video.past import reasons_for
from serving.next_video.record import Inputs, decision_record
from serving.next_video.schemas import NextVideoRequest
from serving.next_video.taste import Taste
from serving.registry import ModelRegistry


class NotReadyError(Exception):
    """There is no catalogue yet: nothing can be answered, 503."""


@dataclass(frozen=True)
class NextVideoService:
    """Everything an answer needs; all of it may be replaced in the background between two answers."""

    rules: Rules
    limits: Limits
    arms: Arms
    taste: Taste
    catalogue: CatalogueSource
    models: ModelRegistry
    log: DecisionLog
    metrics: Metrics

    def refresh_models(self) -> None:
        """Take up new features, then a new champion: in this order, so that ready means ready with both."""
        self.taste.refresh()
        self.models.refresh()

    def answer(self, sent: NextVideoRequest, now: datetime, explain: bool) -> tuple[dict[str, Any], str]:
        """Answer a request and take down what was decided; returns the answer and the id of its record.

        Raises:
            UnknownVideoError: the current video is unknown, or a page.
            NotReadyError: there is no catalogue yet.
        """
        began = time.perf_counter()
        assignment = self.arms.of(sent.unit, now, sent.device_class)
        source = assignment.variant.catalogue or self.catalogue
        catalogue = source.catalogue
        if catalogue is None:
            raise NotReadyError(source.error)
        # once: a swap must not fall between the two halves of an answer
        served = assignment.variant.model or self.models.served
        model = _of_class(served.bundle, sent.device_class) if served else None
        request = sent.to_request()
        rules = assignment.variant.rules or self.rules
        taste = self.taste.of(assignment.unit_key) if model is not None else None
        decision = decide(
            catalogue,
            rules,
            request,
            model,
            now,
            self.limits,
            assignment.blend,
            self.taste.scores(taste, catalogue, model),
            explain,
        )
        asked = None if decision.case == "next-episode" else served
        answer = answer_of(decision, assignment, asked, explain)
        if explain:
            reasons = reasons_for(catalogue, model, request, decision, now, self.limits)
            add_reasons(answer, reasons, catalogue)
        latency_ms = (time.perf_counter() - began) * 1000
        controls = rules.ranking.strengths()
        inputs = Inputs(request.limit, request.history, assignment.blend, taste, self.limits, source.digest, controls)
        record = decision_record(request, decision, assignment, asked, now, latency_ms, inputs)
        self.log.append(now, record)
        self.metrics.answers.labels(decision.case).inc()
        if decision.reason is not None:
            self.metrics.hidden.labels(decision.reason).inc()
        return answer, record["decision_id"]


def warm_up(
    catalogue: Catalogue | None, rules: Rules, limits: Limits, blend: Blend, bundle: Bundle, now: datetime
) -> None:
    """Ask a bundle once for every device class: what does not work fails here, and the first viewer does not wait.

    Raises:
        Exception: whatever the bundle fails with.
    """
    if catalogue is None:
        return
    for device_class in DEVICE_CLASSES:
        model = _of_class(bundle, device_class)
        if model is None:
            continue
        known = [each for each in model.vocabulary if each in catalogue.row_of][:20]
        for content_id in known:
            if catalogue.is_video[catalogue.row_of[content_id]]:
                decide(catalogue, rules, Request(content_id, device_class), model, now, limits, blend)


def _of_class(bundle: Bundle, device_class: str) -> ClassModel | None:
    try:
        return bundle.for_class(device_class)
    except KeyError:
        return None
