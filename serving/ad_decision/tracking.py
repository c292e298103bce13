"""What players tell: each signed address counts once and expires. A play goes into the lake as an `ad` event.

The event is durable before the counters take it. A kill in between loses nothing: the event comes back from the lake,
under the same id, and says so to the counters (``lake_follower``).
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from serving.ad_decision import vast
from serving.ad_decision.api import ERRORS, decided
from serving.ad_decision.counters import CountersError, Given
from serving.ad_decision.schemas import checked
from serving.ad_decision.service import AdDecisionService
from serving.ad_decision.signing import ForgedError, Signer, Ticket
from serving.auth import require_token
from serving.decision_log import DecisionLog
from serving.errors import ErrorBody

_TRACK = "/ad-break/track"
_AFTER_START = timedelta(hours=2)
_QUERY = ("mac", "device_key", "household", "content_id", "device_class", "break_id")


def router(service: AdDecisionService, signer: Signer, log: DecisionLog, now: Callable[[], datetime]) -> APIRouter:
    """``GET /ad-break/vast`` and the addresses in its answer."""
    routes = APIRouter(tags=["ad-decision"])

    @routes.get("/ad-break/vast", response_model=None, responses={200: {"content": {"application/xml": {}}}, **ERRORS})
    async def ad_pod(request: Request) -> Response:
        """The same as ``POST /ad-break``, as a VAST 4.2 ad pod; ``slots`` are seconds with commas between."""
        require_token(request)
        sent = checked(_values(request))
        answered = await decided(service, sent, now(), is_tracked=True)
        base = f"{str(request.base_url).rstrip('/')}/api/v1{_TRACK}"
        decided_at = datetime.fromisoformat(answered.answer["at"])

        def address_of(slot: int, event: str) -> str:
            until = decided_at + service.rules.start_within
            until += _AFTER_START if event in vast.TRACKED else timedelta()
            ticket = Ticket(answered.answer["break_id"], answered.answer["fingerprint"], slot, event, until)
            return f"{base}/{event}?ticket={signer.sign(ticket)}"

        return Response(vast.pod(answered.answer, address_of), media_type="application/xml")

    @routes.get(
        _TRACK + "/{event}",
        status_code=204,
        responses={
            403: {"model": ErrorBody, "description": "not signed here"},
            410: {"model": ErrorBody, "description": "expired"},
        },
    )
    async def track(event: str, ticket: str) -> Response:
        """Told by a player; the second time the same is told, nothing counts (``X-Counted: no``)."""
        read = _read(signer, ticket, event, now())
        counted = await Tracker(service, log).take(read, now())
        return Response(status_code=204, headers={"X-Counted": "yes" if counted else "no"})

    return routes


class Tracker:
    """Takes a ticket that was found to be ours."""

    def __init__(self, service: AdDecisionService, log: DecisionLog) -> None:
        self._counters, self._log = service.counters, log

    async def take(self, ticket: Ticket, now: datetime) -> bool:
        """Count it; False where it had been counted.

        Raises:
            HTTPException: 404 where the break is kept no more, 503 where nothing can be written.
        """
        key = (ticket.break_id, ticket.fingerprint)
        try:
            given = await asyncio.wrap_future(self._counters.given(*key))
            if given is None:
                raise HTTPException(404, "the break is not known any more")
            if ticket.event == "impression":
                await self._keep(given, ticket.slot, now)
            told = self._counters.settle(*key, ticket.slot, ticket.event, now)
            return await asyncio.wrap_future(told) is not None
        except (CountersError, OSError) as error:
            raise HTTPException(503, f"it cannot be kept: {error}") from None

    async def _keep(self, given: Given, slot: int, now: datetime) -> None:
        spot = next((each for each in given.answer["spots"] if each["slot"] == slot), None)
        if spot is not None:
            self._log.append(now, play_record(given.answer, spot, now))
            await asyncio.to_thread(self._log.flush)
            if self._log.error is not None:
                raise OSError(self._log.error)


def play_record(answer: dict[str, Any], spot: dict[str, Any], at: datetime) -> dict[str, Any]:
    """One line of ``paths.ads.plays``: the fields of an `ad` event, under pseudonyms (PRV-1)."""
    return {
        "event_id": f"ad:{spot['play_id']}",
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "device_key": answer["device"],
        "device_class": answer["device_class"],
        "content_id": answer["content_id"],
        "spot_id": spot["spot_id"],
        "break_id": answer["break_id"],
    }


def _read(signer: Signer, text: str, event: str, now: datetime) -> Ticket:
    try:
        ticket = signer.read(text)
    except ForgedError:
        raise HTTPException(403, "ticket: not signed by this server") from None
    if ticket.event != event:
        raise HTTPException(403, "ticket: signed for another event")
    if now >= ticket.expires_at:
        raise HTTPException(410, "ticket: expired")
    return ticket


def _values(request: Request) -> dict[str, Any]:
    given = request.query_params
    values: dict[str, Any] = {name: given[name] for name in _QUERY if name in given}
    if "slots" in given:
        values["slots"] = [_number(part) for part in ",".join(given.getlist("slots")).split(",")]
    return values


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
