"""NV-R4: a serial candidate is a first episode or is replaced by one; a series appears once."""

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.candidates import Candidates
from core.algorithms.next_video.filters import Surroundings
from core.algorithms.next_video.series_index import NONE, BoolArray, IntArray

RULE = "NV-R4"


def apply_first_episode(
    candidates: Candidates, around: Surroundings, scores: npt.NDArray[np.float32], is_seen: BoolArray
) -> None:
    """Replace later episodes, drop series without a first episode, keep one candidate a series.

    Of several candidates of a series one that leads to an unseen video goes first, then the better score: what NV-P1
    will drop anyway does not keep a series from being shown.

    Args:
        candidates: what NV-C1..NV-R3 left.
        around: the catalogue, the offer and the current video.
        scores: (k) of the candidates.
        is_seen: (n) over catalogue rows.
    """
    rows = candidates.rows
    series = around.catalogue.series[rows]
    firsts = around.offer.first_episodes(around.kids_only, around.documentaries_only)
    stays = (series == NONE) | around.offer.is_first_episode[rows]
    items = np.where(stays, rows, np.append(firsts, NONE)[series])
    kept = _best_of_each_series(series, items, scores, is_seen)
    candidates.replace(RULE, items, kept, _shown(series, items, kept))


def _best_of_each_series(
    series: IntArray, items: IntArray, scores: npt.NDArray[np.float32], is_seen: BoolArray
) -> BoolArray:
    """(k) True for candidates without a series and for the one that stands for each series."""
    kept: BoolArray = series == NONE
    serial = np.flatnonzero(~kept & (items != NONE))
    own, score, seen = series[serial], scores[serial], is_seen[items[serial]]
    best = np.full(int(own.max(initial=NONE)) + 1, -np.inf, dtype=np.float32)
    np.maximum.at(best, own[~seen], score[~seen])
    has_unseen = best > -np.inf
    stands = ~seen | ~has_unseen[own]
    np.maximum.at(best, own[seen & stands], score[seen & stands])
    winners = serial[stands & (score == best[own])][::-1]
    first = np.full(len(best), NONE, dtype=np.int64)
    first[series[winners]] = winners  # of equals the last one written stays: the first of them
    kept[first[first != NONE]] = True
    return kept


def _shown(series: IntArray, items: IntArray, kept: BoolArray) -> IntArray:
    """(k) what goes on in the name of each candidate: itself, what stands for its series, or ``NONE``."""
    standing = np.full(int(series.max(initial=NONE)) + 2, NONE, dtype=np.int64)
    serial = kept & (series != NONE)
    standing[series[serial]] = items[serial]
    return np.where(series == NONE, items, standing[series])
