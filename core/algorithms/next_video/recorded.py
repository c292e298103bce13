"""A past answer as its decision record tells it, ready to be decided again (``core.contracts.lake.DECISIONS``)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.algorithms.next_video.chain import Limits
from core.algorithms.next_video.request import Click, History, Request, View
from core.settings import Blend


@dataclass(frozen=True)
class Recorded:
    """What was asked, when, and from what; the answer itself stays in ``record``."""

    record: Mapping[str, Any]
    request: Request
    decided_at: datetime
    blend: Blend
    taste: Mapping[str, float] | None
    limits: Limits
    basis: str | None
    """Digest of the snapshot of catalogue, corrections and rules."""


def recorded(record: Mapping[str, Any]) -> Recorded | None:
    """Read a record of the log (JSON) or a row of the lake; None where it was made without its inputs."""
    inputs = record.get("inputs")
    if isinstance(inputs, str):
        inputs = json.loads(inputs)
    if not inputs:
        return None
    history = inputs["history"]
    request = Request(
        current=record["current"],
        device_class=record["device_class"],
        limit=inputs["limit"],
        history=History(
            views=[
                View(each["content_id"], each["watched_seconds"], _instant(each["at"])) for each in history["views"]
            ],
            clicks=[Click(each["content_id"], _instant(each["at"])) for each in history["clicks"]],
            bookmarks=history["bookmarks"],
        ),
    )
    blend = Blend(**inputs["blend"])
    limits = Limits(inputs["view_min_seconds"], inputs["max_history"])
    return Recorded(record, request, _instant(record["decided_at"]), blend, inputs["taste"], limits, inputs["basis"])


def _instant(value: str | datetime) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
