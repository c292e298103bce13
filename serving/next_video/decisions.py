"""``GET /api/v1/decisions/{id}``: a past answer, computed again and explained. Needs the token: it holds a history."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException

from core.settings import Settings
from serving.auth import require_token
from serving.next_video.past import CannotReplayError, PastModels, Replayed, find, replay


def router(settings: Settings, models: PastModels) -> APIRouter:
    routes = APIRouter(tags=["next-video"])

    @routes.get("/decisions/{decision_id}", dependencies=[Depends(require_token)])
    def decision(decision_id: str) -> dict[str, Any]:
        """The record, whether the same comes out again to the last bit, and what spoke for each item."""
        return as_json(*look_up(settings, models, decision_id))

    return routes


def look_up(
    settings: Settings, models: PastModels, decision_id: str
) -> tuple[dict[str, Any], Replayed | None, str | None]:
    """Record, the same once more, and why that could not be.

    Raises:
        HTTPException: 404, no such decision is kept.
    """
    record = find(settings.paths, decision_id)
    if record is None:
        kept = settings.retention.decisions
        raise HTTPException(404, f"decision_id: no decision {decision_id} is kept (they are for {kept} days)")
    try:
        return record, replay(settings, models, record), None
    except CannotReplayError as error:
        return record, None, str(error)


def as_json(record: dict[str, Any], again: Replayed | None, problem: str | None) -> dict[str, Any]:
    """The record as it was written; ``replay`` is None where it could not be, and ``problem`` says why."""
    told = {key: value for key, value in record.items() if key != "batch_id"}
    if again is None:
        return {"record": told, "replay": None, "problem": problem}
    return {
        "record": told,
        "replay": {
            "is_identical": again.is_identical,
            "case": again.decision.case,
            "reason": again.decision.reason,
            "items": [
                {
                    "content_id": item.content_id,
                    "title": again.titles.get(item.content_id),
                    "score": item.score,
                    "source": item.source,
                    "because": list(reason.content_ids),
                    "de": reason.text(again.titles, "de"),
                    "en": reason.text(again.titles, "en"),
                }
                for item, reason in zip(again.decision.items, again.why, strict=True)
            ],
        },
        "problem": None,
    }
