"""``/api/v1/detections/reports``: anybody may report a misdetection, whoever has the token decides (AD-6)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Query, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from core.contracts.ad_detection import is_station
from core.contracts.ad_labels import Label, reports_file
from core.paths import Paths
from serving.ad_detection.moderation import DecisionBody, Moderation
from serving.ad_detection.reports import Report, Reports, State, TooManyReportsError, as_answer
from serving.auth import require_token
from serving.errors import InvalidFieldsError

_AHEAD: Final = timedelta(minutes=5)
"""A listener's clock may be so much before ours."""


def _station(name: str) -> str:
    if not is_station(name):
        raise ValueError(
            "use 1 to 40 of a-z, 0-9 and - (not at the ends), as GET /api/v1/detections/stations lists them"
        )
    return name


StationName = Annotated[str, AfterValidator(_station)]


class ReportBody(BaseModel):
    """What a listener says: at this station, at this time, it was an ad, talk or music."""

    station: StationName
    at: AwareDatetime
    label: Label
    spot_id: str | None = Field(default=None, min_length=1, max_length=100)
    comment: str = Field(default="", max_length=500)


def add_reports(app: FastAPI, paths: Paths, now: Callable[[], datetime], kept: timedelta = timedelta(days=90)) -> None:
    """Add the routes; ``app.state.detection_reports`` and ``app.state.moderation`` are for the pages.

    Whoever ends the app closes ``app.state.detection_reports``; nothing is opened before somebody reports or asks.
    """
    app.state.detection_reports = Reports(reports_file(paths))
    app.state.moderation = Moderation(paths, app.state.detection_reports, kept)
    app.include_router(router(app.state.detection_reports, app.state.moderation, now), prefix="/api/v1")


def router(reports: Reports, moderation: Moderation, now: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(tags=["detections"])
    guarded = [Depends(require_token)]

    @routes.post("/detections/reports", status_code=201)
    def report(body: ReportBody) -> dict[str, Any]:
        """Report a misdetection. It waits for a person's decision and changes nothing by itself."""
        return add_report(reports, body, now())

    @routes.get("/detections/reports", dependencies=guarded)
    def listed(
        response: Response,
        state: State | None = None,
        station: StationName | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> list[dict[str, Any]]:
        """Reports, the newest first; ``X-Total-Count`` says how many there are."""
        total, rows = reports.listed(state, station, limit, offset)
        response.headers["X-Total-Count"] = str(total)
        return [as_answer(row) for row in rows]

    @routes.post("/detections/reports/{report_id}/decision", dependencies=guarded)
    def decide(report_id: Annotated[str, Path(max_length=100)], body: DecisionBody) -> dict[str, Any]:
        """Accept a report with the borders of what was heard, or reject it."""
        return moderation.decide(report_id, body, "api", now())

    return routes


def add_report(reports: Reports, body: ReportBody, now: datetime) -> dict[str, Any]:
    """Keep a listener's report.

    Raises:
        HTTPException: 422 for a time to come, 429 while too many are open.
    """
    if body.at > now + _AHEAD:
        raise InvalidFieldsError([{"loc": ("at",), "msg": "this is still to come; give the time it was heard at"}])
    said = Report(body.station, body.at, body.label, body.spot_id, body.comment)
    try:
        return {"id": reports.add(said, now), "state": "open"}
    except TooManyReportsError as error:
        raise HTTPException(429, f"reports: {error}", {"Retry-After": "3600"}) from None
