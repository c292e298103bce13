"""One serial video as the resolver sees it, and what it makes of it."""

from dataclasses import dataclass
from typing import Literal

Source = Literal["fields", "title", "path", "dates", "editor", "none"]
Number = tuple[int | None, int]
"""(season, episode); a series in which nothing has a season counts as one season."""


@dataclass(frozen=True)
class Entry:
    """What the catalogue says of one video of a series."""

    row: int
    content_id: str
    title: str
    path: str
    season: int | None
    episode: int | None
    published_us: int


@dataclass(frozen=True)
class Resolved:
    """Where a video stands in its series.

    ``confidence`` is the chance, as judged, that the number is right: 0.9 and above is *high* (fields without
    contradiction, or a text that settles one), 0.6 to 0.9 was concluded, mostly from dates, 0 is *not known*.
    """

    season: int | None
    episode: int | None
    confidence: float
    source: Source
    suggested: Number | None = None
    """What the dates speak for, where a rule keeps the number as it is (of a doubled number the newest, NV-1)."""


UNKNOWN = Resolved(None, None, 0.0, "none")
HIGH = 0.9


def order_key(number: Number) -> tuple[int, int]:
    """Sorts numbers of one series; a missing season sorts first."""
    season, episode = number
    return (-1 if season is None else season, episode)
