"""What the households routes answer, as OpenAPI says it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class GraphNode(BaseModel):
    """``id`` is the household's id, a pseudonym (device, address) or the catalogue's id (content)."""

    model_config = ConfigDict(extra="allow")
    id: str
    kind: Literal["household", "device", "address", "content"]


class GraphLink(BaseModel):
    """``lives`` (device, household), ``viewed`` (device, content), ``seen`` (device, address), ``lease`` (address,
    household), ``visits`` (device, another household), ``linked`` (two households). Times in epoch milliseconds."""

    model_config = ConfigDict(extra="allow")
    source: str
    target: str
    kind: Literal["lives", "viewed", "seen", "lease", "visits", "linked"]
    weight: float = Field(ge=0, le=1)


class HouseholdGraph(BaseModel):
    """A part of the graph, as of one version."""

    nodes: list[GraphNode]
    links: list[GraphLink]
    seq: int
    epoch: str
    counts: dict[str, int]
    """All nodes there are, by kind."""
    is_complete: bool
    """False where ``limit`` left nodes out."""


class Household(BaseModel):
    """One household. ``why`` holds words in German (``de``) and English (``en``)."""

    id: str
    seq: int
    is_separable: bool
    devices: list[dict[str, Any]]
    addresses: list[dict[str, Any]]
    content: list[dict[str, Any]]
    links: list[dict[str, Any]]
    visits: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    why: dict[str, str]
