"""A decision over a report: accepted, it becomes a correction that the next training learns from (AD-6)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Self

from fastapi import HTTPException
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from core.contracts.ad_detection import recordings
from core.contracts.ad_labels import Correction, Label, LabelledStretch, labels_folder, write_correction
from core.contracts.ad_recordings import recording_at
from core.paths import Paths
from serving.ad_detection.reports import Reports
from serving.errors import InvalidFieldsError

_LONGEST_S: Final = 3600.0
_LONGEST_SPOT_S: Final = 90.0


class DecisionBody(BaseModel):
    """What a person decided. Accepted needs the stretch, by its borders; a mined candidate brings them along."""

    decision: Literal["accepted", "rejected"]
    start_at: AwareDatetime | None = None
    end_at: AwareDatetime | None = None
    label: Label | None = None
    """What it really was; the report's word unless another is given."""
    spot_id: str | None = Field(default=None, min_length=1, max_length=100)
    reason: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start_at is not None and self.end_at is not None:
            if self.end_at <= self.start_at:
                raise ValueError("end_at: a stretch ends after it starts")
            if (self.end_at - self.start_at).total_seconds() > _LONGEST_S:
                raise ValueError("end_at: one stretch is at most an hour long; give the borders of one thing")
        return self


@dataclass(frozen=True)
class Moderation:
    """Decides reports and writes what follows from that."""

    paths: Paths
    reports: Reports
    kept: timedelta = timedelta(days=90)
    """Decided reports are forgotten after that, with what listeners wrote (PRV-4); corrections stay."""

    def decide(self, number: str, body: DecisionBody, by: str, now: datetime) -> dict[str, Any]:
        """Carry out a decision; a correction is written before the report is closed.

        Raises:
            HTTPException: 404 for an unknown report, 409 for one that is decided, 422 where a border is missing.
        """
        report = self.reports.of(number)
        if report is None:
            raise HTTPException(404, f"id: no report '{number[:40]}'")
        if report["state"] != "open":
            raise HTTPException(409, f"decision: this report was {report['state']} already, at {report['decided_at']}")
        correction = self._correction(report, body, by, now) if body.decision == "accepted" else None
        if correction is not None:
            write_correction(labels_folder(self.paths), correction)
        if not self.reports.decide(number, body.decision, now, body.reason):
            raise HTTPException(409, "decision: somebody else has just decided this report")
        self.reports.forget(now - self.kept)
        return {
            "id": number,
            "state": body.decision,
            "recording": correction.recording if correction else None,
            "correction": correction.id if correction else None,
        }

    def _correction(self, report: dict[str, Any], body: DecisionBody, by: str, now: datetime) -> Correction:
        start, end = _borders(report, body)
        kept = recording_at(recordings(self.paths), report["station"], start)
        zero = kept.started_at if kept else start
        label: Label = body.label or report["label"]
        seconds = (end - start).total_seconds()
        spot_id = body.spot_id or report["spot_id"]
        if spot_id is None and label == "ad" and seconds <= _LONGEST_SPOT_S:
            spot_id = f"reported-{report['id'][:8]}"  # known again where it is broadcast again
        first = (start - zero).total_seconds()
        return Correction(
            id=report["id"],
            station=report["station"],
            recording=kept.name if kept else None,
            zero_at=zero,
            segments=(LabelledStretch(round(first, 3), round(first + seconds, 3), label, spot_id),),
            by=by,
            at=now,
            report_id=report["id"],
        )


def _borders(report: dict[str, Any], body: DecisionBody) -> tuple[datetime, datetime]:
    start = body.start_at or (datetime.fromisoformat(report["at"]) if report["end_at"] else None)
    end = body.end_at or (datetime.fromisoformat(report["end_at"]) if report["end_at"] else None)
    wrong = [
        {"loc": (name,), "msg": "an accepted report needs where the stretch starts and ends; listen, and give both"}
        for name, value in (("start_at", start), ("end_at", end))
        if value is None
    ]
    if start is not None and end is not None and end <= start:
        wrong.append({"loc": ("end_at",), "msg": "a stretch ends after it starts"})
    if wrong or start is None or end is None:
        raise InvalidFieldsError(wrong)
    return start.astimezone(UTC), end.astimezone(UTC)
