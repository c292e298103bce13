"""What is watched how often on a day: quality, fading with age, within the availability window."""

import math
from bisect import bisect
from itertools import accumulate

from ingestion.simulate.catalogue import Catalogue
from ingestion.simulate.content import Content
from ingestion.simulate.scenario import DAY_MS

FLOOR = 0.06
"""Share of its first popularity that a video keeps for ever; news keep nothing."""


def attraction(content: Content, at_ms: int) -> float:
    """Return how attractive a video is at a time, between 0 and its quality."""
    age_days = max(0.0, (at_ms - content.published_ms) / DAY_MS)
    floor = 0.0 if content.genre == "news" else FLOOR
    return content.quality * (floor + (1 - floor) * math.exp(-age_days / content.theme.decay_days))


class Popularity:
    """The weights of a stretch of time, ready for drawing."""

    def __init__(self, catalogue: Catalogue, at_ms: int) -> None:
        """Weigh every video available at a time."""
        self._members: list[list[int]] = []
        self._bounds: list[list[float]] = []
        for members in catalogue.motif_members:
            available = [index for index in members if catalogue.contents[index].is_available(at_ms)]
            self._members.append(available)
            self._bounds.append(list(accumulate(attraction(catalogue.contents[index], at_ms) for index in available)))

    def draw(self, motif: int, chance: float) -> int | None:
        """Return a video of a motif by its popularity for a chance in [0, 1); None if none is available."""
        bounds = self._bounds[motif]
        if not bounds:
            return None
        return self._members[motif][min(bisect(bounds, chance * bounds[-1]), len(bounds) - 1)]
