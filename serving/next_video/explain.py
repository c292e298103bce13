"""The answer in the API's form, with the account of what was dropped where it was asked for."""

from typing import Any

from core.algorithms.next_video.decision import Decision
from serving.next_video.arms import Assignment
from serving.registry import ServedModel


def answer_of(decision: Decision, assignment: Assignment, model: ServedModel | None, explain: bool) -> dict[str, Any]:
    """Build the answer; ``model`` is None where none was asked or loaded."""
    answer: dict[str, Any] = {
        "case": decision.case,
        "reason": decision.reason,
        "items": [
            {"content_id": item.content_id, "score": item.score, "source": item.source} for item in decision.items
        ],
        "experiment": {"name": assignment.experiment, "arm": assignment.arm} if assignment.experiment else None,
        "model": {"name": model.name, "version": model.version} if model else None,
    }
    if explain:
        answer["dropped"] = [
            {"content_id": each.content_id, "rule": each.rule}
            | ({"replaced_by": each.replaced_by} if each.replaced_by else {})
            for each in decision.dropped
        ]
    return answer
