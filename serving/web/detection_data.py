"""What the pages about ad detection show: recordings kept here, what was heard, and what people said (AD-6)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final, Self

from fastapi import HTTPException, Request
from pydantic import BaseModel, Field, model_validator

from core.contracts.ad_detection import instant_text, recordings
from core.contracts.ad_labels import Correction, Label, LabelledStretch, correction_of, labels_folder, write_correction
from core.contracts.ad_recordings import KeptRecording, recording_named, recordings_of
from core.paths import Paths

_TOLERANCE_S: Final = 0.05
_MOST_REPORTS: Final = 200


class LabelBody(BaseModel):
    """A stretch that a person has heard."""

    start_s: float = Field(ge=0, le=86_400)
    end_s: float = Field(gt=0, le=86_400)
    label: Label
    spot_id: str | None = Field(default=None, min_length=1, max_length=100)


class LabelsBody(BaseModel):
    """All that was heard of one recording; none takes back what was said before."""

    segments: list[LabelBody] = Field(max_length=5000)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.segments.sort(key=lambda each: each.start_s)
        if any(each.end_s <= each.start_s for each in self.segments):
            raise ValueError("segments: a stretch ends after it starts")
        if any(after.start_s < before.end_s - _TOLERANCE_S for before, after in pairwise(self.segments)):
            raise ValueError("segments: two stretches overlap")
        return self


def found(paths: Paths, name: str) -> KeptRecording:
    """A recording by its name.

    Raises:
        HTTPException: 404 where it is not kept (any more).
    """
    kept = recording_named(recordings(paths), name)
    if kept is None:
        raise HTTPException(404, f"recording: '{name[:80]}' is not kept here")
    return kept


def listed(paths: Paths) -> list[dict[str, Any]]:
    """All recordings, the newest first: length, ads, breaks, seconds that a person has heard."""
    kept = sorted(recordings_of(recordings(paths)), key=lambda each: each.started_at, reverse=True)
    return [_row(paths, each) for each in kept[:500]]


def detail(request: Request, paths: Paths, kept: KeptRecording, *, may_write: bool) -> dict[str, Any]:
    """One recording for the editor and the player."""
    heard = kept.heard()
    said = correction_of(labels_folder(paths), label_id(kept))
    duration = float(heard.get("duration_s") or 0)
    return {
        "name": kept.name,
        "station": kept.station,
        "started_at": instant_text(kept.started_at),
        "duration_s": duration,
        "segments": heard.get("segments", []),
        "verdicts": heard.get("verdicts", []),
        "levels": heard.get("levels"),
        "said": said.as_json()["segments"] if said else [],
        "said_at": instant_text(said.at) if said else None,
        "reports": _reports(request, kept, duration) if may_write else [],
    }


def save(paths: Paths, kept: KeptRecording, body: LabelsBody, now: datetime) -> dict[str, Any]:
    """Keep what a person said of a recording, in place of what was said on this page before."""
    name = label_id(kept)
    if not body.segments:
        (labels_folder(paths) / f"{name}.json").unlink(missing_ok=True)
        return {"saved": 0}
    stretches = tuple(LabelledStretch(**each.model_dump()) for each in body.segments)
    said = Correction(name, kept.station, kept.name, kept.started_at, stretches, "editor", now)
    write_correction(labels_folder(paths), said)
    return {"saved": len(stretches)}


def label_id(kept: KeptRecording) -> str:
    """The id of what is said on a recording's page."""
    return f"{kept.station}.{kept.path.stem}"


def break_count(segments: Sequence[dict[str, Any]]) -> int:
    """Ads in a row are one break."""
    starts = [each for before, each in pairwise([None, *segments]) if each and each["label"] == "ad"
              and not (before and before["label"] == "ad")]  # fmt: skip
    return len(starts)


def _row(paths: Paths, kept: KeptRecording) -> dict[str, Any]:
    heard = kept.heard()
    segments = heard.get("segments", [])
    said = correction_of(labels_folder(paths), label_id(kept))
    return {
        "name": kept.name,
        "station": kept.station,
        "started_at": kept.started_at,
        "started_text": instant_text(kept.started_at),
        "duration_s": float(heard.get("duration_s") or 0),
        "ad_s": sum(each["end_s"] - each["start_s"] for each in segments if each["label"] == "ad"),
        "breaks": break_count(segments),
        "heard_s": sum(each.end_s - each.start_s for each in said.segments) if said else 0.0,
        "segments": segments,
    }


def _reports(request: Request, kept: KeptRecording, duration_s: float) -> list[dict[str, Any]]:
    _, rows = request.app.state.detection_reports.listed("open", kept.station, 1000)
    end = kept.started_at + timedelta(seconds=duration_s)
    inside = [each for each in rows if kept.started_at <= datetime.fromisoformat(each["at"]).astimezone(UTC) < end]
    return inside[:_MOST_REPORTS]
