"""When a second of a stream was on air: the sound's own count of seconds tied to the machine's clock.

A server sends what it has buffered in one burst, a network delays, and two clocks never run alike. What arrives early
tells most: the least difference between clock and count over the last seconds is the tie, and it moves by whole
seconds only when it is off by more than one.
"""

import math
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_LOOKED_AT: Final = 10
"""Pieces of sound whose arrival is remembered."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SoundClock(Protocol):
    """Tells times of seconds."""

    def hear(self, seconds: float, at: datetime, is_first: bool) -> None:
        """Take note that so many seconds are in, at a time; ``is_first``: with a new connection."""

    def at(self, second: int) -> datetime:
        """Whole second in which the given second of the sound began."""


class ArrivalClock:
    """For streams: by when the sound comes in."""

    def __init__(self) -> None:
        self._ties: list[tuple[float, int]] = []
        """By connection: seconds that were in before it, and what to add to the count of seconds."""
        self._recent: deque[float] = deque(maxlen=_LOOKED_AT)
        self._seconds = 0.0

    def hear(self, seconds: float, at: datetime, is_first: bool) -> None:
        if is_first or not self._ties:
            self._recent.clear()
            self._ties = [*self._ties[-20:], (self._seconds, 0)]
        is_new = not self._recent
        self._recent.append((at - _EPOCH).total_seconds() - seconds)
        since, tie = self._ties[-1]
        least = min(self._recent)
        if is_new or abs(least - tie) > 1:
            self._ties[-1] = (since, math.floor(least + 0.5))
        self._seconds = seconds

    def at(self, second: int) -> datetime:
        tie = next((tie for since, tie in reversed(self._ties) if since <= second), self._ties[0][1])
        return _EPOCH + timedelta(seconds=second + tie)


class RecordingClock:
    """For a recording that began at a known time."""

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at.replace(microsecond=0)

    def hear(self, seconds: float, at: datetime, is_first: bool) -> None:
        """Nothing to learn."""

    def at(self, second: int) -> datetime:
        return self._started_at + timedelta(seconds=second)
