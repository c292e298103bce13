"""The filters of case 2 that look at one candidate at a time: NV-C1, NV-C2, NV-R1, NV-R2, NV-R3."""

from collections.abc import Callable
from dataclasses import dataclass

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.offer import Offer
from core.algorithms.next_video.rules import Rules
from core.algorithms.next_video.series_index import NONE, BoolArray, IntArray


@dataclass(frozen=True)
class Surroundings:
    """What the filters look at: the catalogue, the offer of the moment, the current video (NV-X1)."""

    catalogue: Catalogue
    offer: Offer
    rules: Rules
    current_row: int

    @property
    def kids_only(self) -> bool:
        """NV-R1 applies: the current video is one for children."""
        return bool(self.catalogue.is_kids[self.current_row])

    @property
    def documentaries_only(self) -> bool:
        """NV-R2 applies: the current video is a documentary or a report."""
        return bool(self.catalogue.is_documentary[self.current_row])


Filter = Callable[[Surroundings, IntArray], BoolArray | None]
"""Tells which of the rows it keeps, or None: it does not apply to this request."""


def available(around: Surroundings, rows: IntArray) -> BoolArray | None:
    """NV-C1: playable and available now, and never the current video itself."""
    kept: BoolArray = around.offer.is_playable[rows] & (rows != around.current_row)
    return kept


def not_excluded(around: Surroundings, rows: IntArray) -> BoolArray | None:
    """NV-C2: in no excluded collection."""
    return ~around.catalogue.is_excluded[rows]


def kids_stay_with_kids(around: Surroundings, rows: IntArray) -> BoolArray | None:
    """NV-R1: a children's video leads only to children's videos."""
    return around.catalogue.is_kids[rows] if around.kids_only else None


def documentaries_stay_among_themselves(around: Surroundings, rows: IntArray) -> BoolArray | None:
    """NV-R2: a documentary or report leads only to documentaries and reports."""
    return around.catalogue.is_documentary[rows] if around.documentaries_only else None


def not_the_same_series(around: Surroundings, rows: IntArray) -> BoolArray | None:
    """NV-R3: a serial video never leads to its own series."""
    series = around.catalogue.series[around.current_row]
    if series == NONE or not around.rules.is_on("NV-R3"):
        return None
    kept: BoolArray = around.catalogue.series[rows] != series
    return kept


FILTERS: dict[str, Filter] = {
    "NV-C1": available,
    "NV-C2": not_excluded,
    "NV-R1": kids_stay_with_kids,
    "NV-R2": documentaries_stay_among_themselves,
    "NV-R3": not_the_same_series,
}
"""In the order in which they are applied."""
