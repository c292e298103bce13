"""The best candidates in the order that editors' controls give them; nothing comes in that the rules left out.

Only the best hundred by score are looked at: what lies below has too little to do with the viewer to be moved up, and a
request must not become slower. Relevance is scaled to 0..1 over these, so that a strength means the same everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.ranking_controls import Control, RankingControls
from core.algorithms.next_video.series_index import BoolArray, IntArray

POOL = 100
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Pool:
    """The best candidates of one request, best first; all arrays (k) but ``factors``."""

    relevance: FloatArray
    """Scores, falling."""
    factors: FloatArray
    """(k, f) rows of length one: what people who watch it also watch (``SimilarityScorer.factors``)."""
    genre: IntArray
    """Number of the genre, -1: none."""
    age_days: npt.NDArray[np.float64]
    is_tail: BoolArray


@dataclass(frozen=True)
class Reranked:
    """Places in the pool, in the new order, and for each which controls moved it up; empty where none did."""

    order: Sequence[int]
    moved_by: Sequence[tuple[Control, ...]]


def rerank(pool: Pool, controls: RankingControls, limit: int) -> Reranked:
    """Choose one after the other what is worth most beside what stands above it.

    Freshness first: relevance and 0.5 ** (age / half-life) are mixed. Diversity: maximal marginal relevance, where two
    videos are alike by half for the cosine of their factors, by half for the same genre. Long tail: wherever fewer than
    the share of the items so far belong to it, the best of it is next; where none is left in the pool, nothing happens.

    Returns:
        ``limit`` places, or as many as there are.
    """
    count = len(pool.relevance)
    worth = _worth(pool, controls)
    risen = _places(worth) < np.arange(count)
    weight, share = controls.diversity.weight, controls.long_tail.share
    alike = _alike(pool) if weight else None
    closest = np.zeros(count)
    taken = np.zeros(count)  # -inf where taken
    order: list[int] = []
    moved_by: list[tuple[Control, ...]] = []
    tail_count = 0
    for place in range(min(limit, count)):
        value = (1 - weight) * worth - weight * closest + taken if weight else worth + taken
        chosen = varied = int(value.argmax())
        if tail_count < int(share * (place + 1) + _ROUNDING) and not pool.is_tail[chosen]:
            chosen = _best_of_tail(pool, value, chosen)
        by: list[Control] = []
        if chosen > place:
            by += ["diversity"] if weight and chosen == varied != int((worth + taken).argmax()) else []
            by += ["freshness"] if risen[chosen] else []
            by += ["long_tail"] if chosen != varied else []
        order.append(chosen)
        moved_by.append(tuple(by))
        tail_count += int(pool.is_tail[chosen])
        taken[chosen] = -np.inf
        if alike is not None:
            np.maximum(closest, alike[chosen], out=closest)
    return Reranked(order, moved_by)


def _worth(pool: Pool, controls: RankingControls) -> npt.NDArray[np.float64]:
    """Relevance as 0..1, mixed with freshness."""
    relevance = pool.relevance.astype(np.float64)
    low, high = (float(relevance[-1]), float(relevance[0])) if len(relevance) else (0.0, 0.0)
    relevance = (relevance - low) / (high - low) if high > low else np.ones_like(relevance)
    weight = controls.freshness.weight
    if not weight:
        return relevance
    fresh = np.exp2(-np.maximum(pool.age_days, 0.0) / controls.freshness.half_life_days)
    mixed: npt.NDArray[np.float64] = (1 - weight) * relevance + weight * fresh
    return mixed


def _alike(pool: Pool) -> npt.NDArray[np.float64]:
    """(k, k) 0..1; the same video is not asked about, as it is chosen once."""
    cosine = np.maximum(pool.factors @ pool.factors.T, 0.0)
    same = (pool.genre[:, None] == pool.genre[None, :]) & (pool.genre >= 0)
    alike: npt.NDArray[np.float64] = 0.5 * cosine + 0.5 * same
    return alike


def _best_of_tail(pool: Pool, value: npt.NDArray[np.float64], otherwise: int) -> int:
    tail = np.where(pool.is_tail, value, -np.inf)
    best = int(tail.argmax())
    return best if tail[best] > -np.inf else otherwise


def _places(worth: npt.NDArray[np.float64]) -> IntArray:
    """(k) place of each in falling order; of equals the first stays first."""
    places = np.empty(len(worth), dtype=np.int64)
    places[np.argsort(-worth, kind="stable")] = np.arange(len(worth))
    return places
