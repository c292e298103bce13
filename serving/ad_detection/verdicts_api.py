"""Verdicts out (AD-7, AD-8): stations, their last seconds as a list, and each new one as a Server-Sent Event.

Never any sound (AD-10). What a station sends is public, so these routes ask for no token.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path as FilePath
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Header, HTTPException, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from core.contracts.ad_detection import VerdictLine, instant_text, is_station, verdict_logs
from core.paths import Paths
from serving.ad_detection.verdict_log import VerdictTail, newest_verdict, stations, verdicts
from serving.errors import InvalidFieldsError

MOST_TIME: Final = timedelta(hours=6)
"""The longest list of verdicts in one answer."""
RESUMED: Final = timedelta(hours=1)
"""So far back a stream goes on where a client had stopped."""
_POLL_SECONDS: Final = 0.25
_KEEP_ALIVE_POLLS: Final = 60
_MOST_STREAMS: Final = 500
_AT_ONCE: Final = 500

StationName = Annotated[str, Path(max_length=60)]
From = Annotated[datetime | None, Query(alias="from", description="RFC 3339 with a zone")]


class Station(BaseModel):
    """One station that is or was watched here."""

    station: str
    newest: dict[str, Any] | None
    """Its newest verdict; by its ``at`` one sees whether it is watched now."""


def add_verdicts(app: FastAPI, paths: Paths, now: Callable[[], datetime]) -> None:
    """Add the routes; ``app.state.is_ending`` set to true ends the streams."""
    app.state.is_ending = False
    app.include_router(router(verdict_logs(paths), now), prefix="/api/v1")


def router(logs: FilePath, now: Callable[[], datetime]) -> APIRouter:
    """Routes over the verdict logs, which may come to be later."""
    routes = APIRouter(prefix="/detections", tags=["ad-detection"])
    streams = [0]

    @routes.get("/stations")
    def all_stations() -> list[Station]:
        """Stations that are or were watched on this machine, each with its newest verdict."""
        return [Station(station=each, newest=_as_dict(newest_verdict(logs / each))) for each in stations(logs)]

    @routes.get("/verdicts/{station}", responses={404: {"description": "unknown station"}})
    def listed(
        station: StationName, since: From = None, until: Annotated[datetime | None, Query(alias="to")] = None
    ) -> list[dict[str, Any]]:
        """One verdict a second with ``from <= at < to``: the last ten minutes unless told otherwise, six hours at most."""  # noqa: E501
        folder = _known(logs, station)
        end = _aware(until, "to") or now() + timedelta(minutes=1)
        begin = _aware(since, "from") or end - timedelta(minutes=11)
        if end - begin > MOST_TIME:
            raise _invalid("from", "more than six hours before 'to'; ask in parts")
        return [dict(line) for line in verdicts(folder, begin, end)]

    @routes.get(
        "/stream/{station}",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}, 404: {"description": "unknown station"}},
    )
    async def stream(
        request: Request,
        station: StationName,
        last_event_id: Annotated[str | None, Header()] = None,
        since: From = None,
    ) -> StreamingResponse:
        """Server-Sent Events ``verdict``, one a second, with ``at`` as id; goes on after ``Last-Event-ID`` or ``from``.

        An hour back at most; without either the newest one comes first. Never any sound.
        """
        folder = _known(logs, station)
        if streams[0] >= _MOST_STREAMS:
            raise HTTPException(503, "too many streams are open; try again later")
        tail = VerdictTail(folder, _after(folder, last_event_id, _aware(since, "from"), now()))

        async def counted() -> AsyncIterator[bytes]:
            streams[0] += 1
            try:
                async for event in events(tail, lambda: bool(request.app.state.is_ending)):
                    yield event
            finally:
                streams[0] -= 1

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(counted(), media_type="text/event-stream", headers=headers)

    return routes


async def events(
    tail: VerdictTail,
    is_ending: Callable[[], bool],
    sleep: Callable[[float], Any] = asyncio.sleep,
) -> AsyncIterator[bytes]:
    """Lines of the log as events, as they come; a comment now and then finds out who has gone."""
    yield b"retry: 2000\n\n"
    quiet = 0
    while not is_ending():
        lines = await asyncio.to_thread(tail.new, _AT_ONCE)
        for at, text in lines:
            yield b"event: verdict\nid: " + at.encode() + b"\ndata: " + text + b"\n\n"
        quiet = 0 if lines else quiet + 1
        if quiet and quiet % _KEEP_ALIVE_POLLS == 0:
            yield b": still here\n\n"
        if len(lines) < _AT_ONCE:
            await sleep(_POLL_SECONDS)


def _after(folder: FilePath, last_event_id: str | None, since: datetime | None, now: datetime) -> str:
    """After which ``at`` a client wants to hear."""
    oldest = instant_text(now - RESUMED)
    if last_event_id:
        return max(_event_time(last_event_id), oldest)
    if since is not None:
        return max(instant_text(since - timedelta(milliseconds=1)), oldest)
    newest = newest_verdict(folder)
    if newest is None:
        return oldest
    return instant_text(datetime.fromisoformat(newest["at"]) - timedelta(milliseconds=1))


def _event_time(text: str) -> str:
    try:
        return instant_text(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise _invalid("last-event-id", "no id of an event of this stream; ids are times") from None


def _known(logs: FilePath, station: str) -> FilePath:
    folder = logs / station
    if not is_station(station) or not folder.is_dir():
        raise HTTPException(404, f"station: '{station[:40]}' is not known")
    return folder


def _aware(at: datetime | None, field: str) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise _invalid(field, "has no zone; write e.g. 2026-05-01T12:00:00Z")
    try:
        return None if at is None else at.astimezone(UTC)
    except OverflowError:
        raise _invalid(field, "is no time of ours") from None


def _invalid(field: str, message: str) -> InvalidFieldsError:
    return InvalidFieldsError([{"loc": ("query", field), "msg": message}])


def _as_dict(line: VerdictLine | None) -> dict[str, Any] | None:
    return dict(line) if line else None
