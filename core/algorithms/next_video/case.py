"""Which case applies: the next episode where there is one (NV-1), else the regular Next-Video (NV-2)."""

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.offer import Offer
from core.algorithms.next_video.rules import Rules
from core.algorithms.next_video.series_index import NONE


def next_episode(catalogue: Catalogue, offer: Offer, rules: Rules, current_row: int) -> int | None:
    """Row of the episode that follows, or None: case 2 applies.

    Of a doubled number the newest video that can be played now stands for it. Where none can, or where it belongs to an
    excluded collection (NV-C2), no later episode takes its place.
    """
    if not rules.is_on("NV-1"):
        return None
    episode = catalogue.index.following(current_row)
    if episode == NONE:
        return None
    for row in catalogue.index.rows_of(episode):
        if offer.is_playable[row]:
            return int(row) if offer.may_be_shown[row] else None
    return None
