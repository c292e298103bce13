"""What a store of caps must do: read, choose and reserve in one step, durable before it answers (HH-11).

Three keep it: SQLite (embedded, the default), PostgreSQL and Redis. A reservation stands under the units (devices) that
asked; a household's caps are the sum over its members, so that they follow it when it merges or splits.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.algorithms.ads.plays import Play

Totals = Mapping[tuple[str, str], int]
"""Placed spots by campaign and device class, over all time, less what was given back."""

PlacedByDay = Mapping[tuple[str, str, str], int]
"""The same by local day, campaign and device class."""


CountedPlay = tuple[str, str | None, str | None, int, str, bool]
"""Spot, campaign, break, time (microseconds), state, and whether the break was decided here; no device."""


class CountersError(Exception):
    """Nothing could be reserved (a full disk, a server that is away): no answer, 503. Nothing was given."""


@dataclass(frozen=True)
class Choice:
    """What was chosen: the answer as it is kept for a repeated request, and its reservations."""

    answer: dict[str, Any]
    plays: tuple[Play, ...]


@dataclass(frozen=True)
class Ask:
    """One break."""

    break_id: str
    fingerprint: str
    """Of the rest of the request: the same break again has the same answer, another one goes on in the same break."""
    at: datetime
    units: tuple[str, ...]
    """Whose plays count."""
    booked_under: tuple[str, ...]
    """Units under which what is given is reserved; each is among ``units``."""
    since: datetime
    """Older plays do not matter."""
    day: str
    """Local day that what is given is booked on (``PlacedByDay``)."""
    choose: Callable[[list[Play]], Choice]
    """Pure; may be called again if somebody else was faster."""


@dataclass(frozen=True)
class Answered:
    """``is_new`` is False where the same request had been answered before: nothing was reserved again."""

    answer: dict[str, Any]
    plays: tuple[Play, ...]
    is_new: bool


@dataclass(frozen=True)
class Given:
    """A break that was answered, as tracking finds it again."""

    answer: dict[str, Any]
    units: tuple[str, ...]


class Counters(Protocol):
    """Safe to use from several threads and processes at once. Futures fail with ``CountersError``."""

    def decide(self, ask: Ask) -> "Future[Answered]":
        """Read, choose, reserve; done when it is durable."""
        ...

    def note(self, plays: Sequence[tuple[str, Play]]) -> "Future[int]":
        """Take plays that events tell of, each under a unit; the same again is no change. Returns how many were news.

        One that was reserved for the same break becomes played, at the time that the event says.
        """
        ...

    def settle(self, break_id: str, fingerprint: str, slot: int, event: str, at: datetime) -> "Future[Given | None]":
        """Take a tracking event of a reserved spot, once each; None where it is no news or the break is unknown.

        ``impression`` makes it played; ``error`` gives it back, unless it has begun.
        """
        ...

    def plays(self, units: Sequence[str], since: datetime) -> "Future[list[Play]]":
        """All that stands under units, also what counts no more."""
        ...

    def given(self, break_id: str, fingerprint: str) -> "Future[Given | None]": ...

    def breaks(self, since: datetime, until: datetime, most: int) -> "Future[list[dict[str, Any]]]":
        """Answers given in between, newest first, at most so many."""
        ...

    def counted(self) -> "Future[list[CountedPlay]]":
        """Every play once, however many units it stands under, by time."""
        ...

    def totals(self) -> "Future[Totals]": ...

    def placed_by_day(self) -> "Future[PlacedByDay]": ...

    def forget(self, unit: str) -> "Future[int]":
        """Erase a device (PRV-3); returns how many rows went."""
        ...

    def prune(self, before: datetime) -> "Future[int]":
        """Drop plays and answers that are older."""
        ...

    def close(self) -> None: ...
