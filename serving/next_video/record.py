"""The decision record: what was answered and why, without anything that names a person (``lake.DECISIONS``)."""

import secrets
from datetime import datetime
from typing import Any

from core.algorithms.next_video.decision import Decision
from serving.next_video.arms import Assignment
from serving.next_video.schemas import NextVideoRequest
from serving.registry import ServedModel


def decision_record(
    request: NextVideoRequest,
    decision: Decision,
    assignment: Assignment,
    model: ServedModel | None,
    decided_at: datetime,
    latency_ms: float,
) -> dict[str, Any]:
    """One line of the decision log; ``counts`` is an object here and JSON text in the lake."""
    return {
        "decision_id": secrets.token_hex(16),
        "decided_at": decided_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "route": "next-video",
        "case": decision.case,
        "reason": decision.reason,
        "current": request.current,
        "device_class": request.device_class,
        "unit_key": assignment.unit_key,
        "experiment": assignment.experiment,
        "arm": assignment.arm,
        "model_name": model.name if model else None,
        "model_version": model.version if model else None,
        "history_source": decision.history_source,
        "history_count": decision.history_count,
        "counts": decision.counts,
        "items": [item.content_id for item in decision.items],
        "sources": [item.source for item in decision.items],
        "scores": [item.score for item in decision.items],
        "latency_ms": latency_ms,
    }
