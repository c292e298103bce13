"""What a simulation is made from; everything else derives from it and from nothing else."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.errors import UserError

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
LOCAL_OFFSET_MS = HOUR_MS
"""Viewers live by Central European Time; summer time is left out, so that every day has 24 hours."""

EVENTS_PER_HOUSEHOLD_DAY = 17.1
"""Measured over 30 days; turns ``--events`` into a number of households."""


@dataclass(frozen=True)
class Scenario:
    """The options of a simulation; two equal scenarios write the same bytes."""

    as_of: datetime
    """Aware UTC: the month ends here; no line arrives later."""
    days: int = 30
    households: int = 2000
    seed: int = 7
    videos: int = 2500
    is_hard: bool = False
    """More carrier NAT, daily leases, guests, randomised MACs and defects, and all of ``hard_cases``."""

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise UserError("as-of: has no time zone; write it like 2026-11-24T00:00:00Z")
        for name, least in (("days", 1), ("households", 1), ("videos", 200)):
            if getattr(self, name) < least:
                raise UserError(f"{name}: {getattr(self, name)} is too small; give at least {least}")

    @property
    def end_ms(self) -> int:
        return to_ms(self.as_of)

    @property
    def start_ms(self) -> int:
        return self.end_ms - self.days * DAY_MS

    @property
    def first_day(self) -> int:
        """Days since the epoch (UTC) of the first day simulated."""
        return self.start_ms // DAY_MS

    @property
    def last_day(self) -> int:
        return (self.end_ms - 1) // DAY_MS

    def stream(self, *names: object) -> random.Random:
        """Return a random stream of its own for a purpose, independent of every other and of PYTHONHASHSEED."""
        return random.Random("/".join(str(name) for name in (self.seed, *names)))


def to_ms(at: datetime) -> int:
    """Milliseconds since the epoch."""
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def rfc3339(at_ms: int) -> str:
    """RFC 3339 in UTC to the second, for the catalogue and the truth."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%dT%H:%M:%SZ")
