"""``GET /api/v1/households/graph`` and ``/households/{id}`` (HH-3): device-level, so only with the token."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response

from core.domain import DeviceClass
from serving.auth import require_token
from serving.households.graph_client import GraphClient
from serving.households.schemas import Household, HouseholdGraph
from serving.households.selection import MOST_NODES, Selection

HouseholdId = Annotated[str, Path(max_length=100)]


def router(graph: GraphClient) -> APIRouter:
    routes = APIRouter(tags=["households"], dependencies=[Depends(require_token)])
    answers: dict[int | str, dict[str, Any]] = {401: {"description": "no token"}}
    or_unknown = answers | {404: {"description": "unknown household"}}

    @routes.get("/households/graph", response_model=HouseholdGraph, responses=or_unknown)
    def part(
        household: Annotated[str | None, Query(max_length=100)] = None,
        device_class: DeviceClass | None = None,
        from_: Annotated[datetime | None, Query(alias="from")] = None,
        until: datetime | None = None,
        min_weight: Annotated[float, Query(ge=0, le=1)] = 0.0,
        limit: Annotated[int, Query(ge=1, le=MOST_NODES)] = 10_000,
    ) -> Response:
        """Households, devices, addresses and content: all, or what the filters leave.

        ``household`` takes one with all that is linked to it; ``from`` and ``until`` what was so within that time.
        """
        chosen = Selection(household, device_class, _ms(from_), _ms(until), min_weight, limit)
        answer = graph.selected(chosen)
        if answer is None:
            raise HTTPException(404, f"household: '{household}' is not known")
        return Response(answer, media_type="application/json")

    @routes.get("/households/{household_id}", response_model=Household, responses=or_unknown)
    def one(household_id: HouseholdId) -> Response:
        """One household: devices with times and confidence, addresses, content, links, changes, and why."""
        return described(graph, household_id)

    return routes


def described(graph: GraphClient, household_id: str) -> Response:
    """Answer with one household, as JSON.

    Raises:
        HTTPException: 404 where it is not known.
    """
    found = graph.described(household_id)
    if found is None:
        raise HTTPException(404, f"household: '{household_id[:40]}' is not known")
    return Response(found, media_type="application/json")


def _ms(at: datetime | None) -> int | None:
    """A time without a zone is taken as UTC."""
    if at is None:
        return None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
