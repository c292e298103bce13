"""The answer in the API's form, with the account of what was dropped where it was asked for."""

from collections.abc import Sequence
from typing import Any

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.decision import Decision
from core.algorithms.next_video.why import Why
from serving.next_video.arms import Assignment
from serving.registry import ServedModel


def add_reasons(answer: dict[str, Any], reasons: Sequence[Why], catalogue: Catalogue) -> None:
    """Put a sentence for the public beside each item, in both languages, and what it names."""
    named = {content_id for reason in reasons for content_id in reason.content_ids}
    titles = {each: catalogue.entry(catalogue.row_of[each])["title"] for each in named if each in catalogue.row_of}
    for item, reason in zip(answer["items"], reasons, strict=True):
        item["why"] = {
            "because": reason.because,
            "content_ids": list(reason.content_ids),
            "de": reason.text(titles, "de"),
            "en": reason.text(titles, "en"),
        } | ({"moved_by": list(reason.moved_by)} if reason.moved_by else {})


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
