"""What is answered: the items, or why there are none, and what happened on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.algorithms.next_video.ranking_controls import Control

Case = Literal["next-episode", "regular", "hidden"]
Source = Literal["sequence", "similarity", "next-episode"]


@dataclass(frozen=True, slots=True)
class Item:
    """A recommended video. Scores are comparable within one answer only; a next episode's is 1.

    The score is the model's; where editors' controls are on, the items' order is theirs and need not follow it.
    """

    content_id: str
    score: float
    source: Source
    moved_by: tuple[Control, ...] = ()
    """Editors' controls that moved it up (``ranking_controls``)."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that is not among the items because of a rule; NV-R4 may have put another episode in its place."""

    content_id: str
    rule: str
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer, before it is put into the API's form."""

    case: Case
    reason: str | None = None
    items: Sequence[Item] = ()
    history_source: str | None = None
    """NV-U1..NV-U4, or None: nothing usable was sent, or case 1 did not ask."""
    history_count: int = 0
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Candidates before and after each rule, in the order applied; case 2 only."""
    dropped: Sequence[Dropped] = ()
    """Filled only where it was asked for."""
