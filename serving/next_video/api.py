"""``POST /api/v1/next-video``."""

from collections.abc import Callable
from datetime import datetime

import orjson
from fastapi import APIRouter, HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from core.algorithms.next_video.request import UnknownVideoError
from serving.errors import ErrorBody
from serving.next_video.schemas import NextVideoAnswer, body_for_openapi, parse
from serving.next_video.service import NextVideoService, NotReadyError

DECISION_ID = "X-Decision-Id"


def router(service: NextVideoService, clock: Callable[[], datetime]) -> APIRouter:
    """The route, over a service; ``clock`` gives the instant that availability is judged by (NV-C1)."""
    routes = APIRouter(tags=["next-video"])

    @routes.post(
        "/next-video",
        response_model=None,
        responses={
            200: {"model": NextVideoAnswer},
            404: {"model": ErrorBody, "description": "the current video is unknown, or a page"},
            413: {"model": ErrorBody, "description": "the body is too large"},
            422: {"model": ErrorBody, "description": "no JSON, or a field is missing or wrong"},
            503: {"model": ErrorBody, "description": "there is no catalogue yet"},
        },
        openapi_extra={"requestBody": body_for_openapi()},
    )
    async def next_video(request: Request, explain: bool = False) -> Response:
        """What to watch next: the next episode, or regular recommendations, or nothing and the reason why."""
        try:
            sent = parse(await request.body())
            answer, decision_id = service.answer(sent, clock(), explain)
        except ClientDisconnect:
            raise HTTPException(400, "the body ended too early") from None
        except UnknownVideoError as error:
            raise HTTPException(404, f"current: {error}") from None
        except NotReadyError as error:
            raise HTTPException(503, str(error)) from None
        headers = {DECISION_ID: decision_id}  # beside the answer: the same request has the same answer
        return Response(orjson.dumps(answer), media_type="application/json", headers=headers)

    return routes
