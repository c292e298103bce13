"""NV-P1: what the history sent shows as seen, by NV-U1's measure."""

import numpy as np

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.request import History
from core.algorithms.next_video.rules import Rules
from core.algorithms.next_video.series_index import BoolArray

RULE = "NV-P1"


def seen_videos(catalogue: Catalogue, rules: Rules, history: History, view_min_seconds: float) -> BoolArray:
    """(n) over catalogue rows: watched for more than the threshold; nothing where the rule is off."""
    is_seen = np.zeros(len(catalogue), dtype=bool)
    if rules.is_on(RULE):
        for view in history.views:
            row = catalogue.row_of.get(view.content_id)
            if row is not None and view.watched_seconds > view_min_seconds:
                is_seen[row] = True
    return is_seen
