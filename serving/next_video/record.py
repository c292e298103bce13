"""The decision record: what was answered, why, and from what, so that it can be computed again (``lake.DECISIONS``).

It holds the history that was sent, under a pseudonym at most: personal data, kept as long as PRV-4 says.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.algorithms.next_video.chain import Limits
from core.algorithms.next_video.decision import Decision
from core.algorithms.next_video.request import History, Request
from core.settings import Blend
from serving.next_video.arms import Assignment
from serving.registry import ServedModel


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an answer was made from besides the model: with it and the model, ``decide`` gives the same again."""

    limit: int
    history: History
    blend: Blend
    taste: Mapping[str, float] | None
    """Shares by genre from the online features; None where nothing is known."""
    limits: Limits
    basis: str | None
    """Digest of catalogue, corrections and rules (``serving.catalogue_source``)."""
    controls: Mapping[str, float] | None = None
    """Strengths of editors' controls of the ranking; None where all are off. They follow from ``basis``."""


def decision_record(
    request: Request,
    decision: Decision,
    assignment: Assignment,
    model: ServedModel | None,
    decided_at: datetime,
    latency_ms: float,
    inputs: Inputs,
) -> dict[str, Any]:
    """One line of the decision log; ``counts`` and ``inputs`` are objects here and JSON text in the lake."""
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
        "inputs": {
            "limit": inputs.limit,
            "history": inputs.history,
            "blend": {name: getattr(inputs.blend, name) for name in ("sequence", "similarity", "taste")},
            "taste": inputs.taste,
            "view_min_seconds": inputs.limits.view_min_seconds,
            "max_history": inputs.limits.max_history,
            "basis": inputs.basis,
        }
        | ({"controls": inputs.controls} if inputs.controls else {}),
    }
