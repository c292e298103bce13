"""``POST /api/v1/ad-break``: writes and shows what a household was shown, so only with the token."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from serving.ad_decision.counters import Answered, CountersError
from serving.ad_decision.schemas import AdBreakAnswer, AdBreakRequest, body_for_openapi, parse
from serving.ad_decision.service import AdDecisionService, NoCatalogueError, UnknownError
from serving.auth import require_token
from serving.errors import ErrorBody

ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorBody, "description": "no token"},
    404: {"model": ErrorBody, "description": "the content or the household is unknown"},
    413: {"model": ErrorBody, "description": "the body is too large"},
    422: {"model": ErrorBody, "description": "no JSON, or a field is missing or wrong"},
    503: {"model": ErrorBody, "description": "there is no catalogue yet, or nothing can be reserved"},
}
_TOLD = ("slot", "spot_id", "campaign_id", "reason", "cap", "duration_s", "media_url")
Record = Callable[[AdBreakRequest, Answered, datetime], None]


def router(service: AdDecisionService, clock: Callable[[], datetime]) -> APIRouter:
    """The route, over a service; ``clock`` gives the instant of the decision."""
    routes = APIRouter(tags=["ad-decision"], dependencies=[Depends(require_token)])

    @routes.post(
        "/ad-break",
        response_model=None,
        responses={200: {"model": AdBreakAnswer}, **ERRORS},
        openapi_extra={"requestBody": body_for_openapi()},
    )
    async def ad_break(request: Request) -> Response:
        """Fill a break for a device or a household: spots, each with its reason, under caps that always hold."""
        try:
            sent = parse(await request.body())
        except ClientDisconnect:
            raise HTTPException(400, "the body ended too early") from None
        answered = await decided(service, sent, clock(), is_tracked=False)
        return Response(orjson.dumps(told(answered)), media_type="application/json")

    return routes


async def decided(service: AdDecisionService, sent: AdBreakRequest, now: datetime, is_tracked: bool) -> Answered:
    """Ask the service; its errors as HTTP's.

    Raises:
        HTTPException: 404 or 503.
    """
    try:
        return await service.answer(sent, now, is_tracked)
    except UnknownError as error:
        raise HTTPException(404, str(error)) from None
    except (NoCatalogueError, CountersError) as error:
        raise HTTPException(503, str(error)) from None


def told(answered: Answered) -> dict[str, Any]:
    """What of an answer leaves the server."""
    answer = answered.answer
    spots = [{name: spot[name] for name in _TOLD} for spot in answer["spots"]]
    return {"break_id": answer["break_id"], "spots": spots, "unfilled": answer["unfilled"]}
