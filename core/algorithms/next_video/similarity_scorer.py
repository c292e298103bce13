"""The similarity half of a model in plain numpy: needs no history, scores the whole vocabulary.

Two parts, both trained by ``implicit`` (``training.next_video.similarity``): cosines of factors from alternating least
squares (Hu, Koren and Volinsky 2008), dense, so that every item has a score whatever the editorial filters leave; and
BM25-weighted item-item neighbours, sparse and sharper.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.algorithms.next_video.arrays import FloatArray, IntArray

ARRAY_NAMES = ("factors", "neighbour_starts", "neighbour_rows", "neighbour_weights")


@dataclass(frozen=True)
class SimilarityWeights:
    """Set by hand (NV-T6) in ``training.next_video.config`` and carried in the bundle."""

    neighbours: float
    """Share of the neighbours against the factors."""
    popularity: float
    """Weight of the logarithm of popularity, scaled to 0..1."""
    history: float
    """Weight of the newest entry of the history; the current video has 1."""
    decay: float
    """Each older entry of the history weighs this much of the next newer one."""
    history_length: int
    """Only so many of the newest entries count."""


@dataclass(frozen=True)
class SimilarityScorer:
    """``factors`` (n, f), rows of length one; neighbours as compressed rows, weights scaled to at most 1 a row."""

    factors: FloatArray
    neighbour_starts: IntArray
    neighbour_rows: IntArray
    neighbour_weights: FloatArray
    log_popularity: FloatArray
    weights: SimilarityWeights

    def scores(self, current_row: int | None, history_rows: Sequence[int]) -> FloatArray:
        """Scores (n,) for a current video and a history, each may be missing.

        A current video that the model does not know (None) and no history: the order of popularity.
        """
        seeds = self._seeds(current_row, history_rows)
        if not seeds:
            return self.log_popularity.copy()
        rows = np.fromiter(seeds.keys(), dtype=np.intp, count=len(seeds))
        shares = np.fromiter(seeds.values(), dtype=np.float32, count=len(seeds))
        shares /= shares.sum()
        wanted = (shares @ self.factors[rows]) * np.float32(1 - self.weights.neighbours)
        result: FloatArray = self.factors @ wanted
        for row, share in zip(rows, shares, strict=True):
            part = slice(self.neighbour_starts[row], self.neighbour_starts[row + 1])
            result[self.neighbour_rows[part]] += (
                np.float32(self.weights.neighbours) * share * self.neighbour_weights[part]
            )
        result += np.float32(self.weights.popularity) * self.log_popularity
        return result

    def _seeds(self, current_row: int | None, history_rows: Sequence[int]) -> dict[int, float]:
        """Rows to be similar to, with their weights; a row that occurs twice keeps its larger weight."""
        seeds: dict[int, float] = {}
        weight = self.weights.history
        for row in reversed(history_rows[-self.weights.history_length :]):
            seeds[row] = max(weight, seeds.get(row, 0.0))
            weight *= self.weights.decay
        if current_row is not None:
            seeds[current_row] = 1.0
        return seeds


def scaled_log(popularity: FloatArray) -> FloatArray:
    """Logarithm of play counts, scaled to 0..1."""
    logs = np.log1p(popularity.astype(np.float32))
    top = float(logs.max()) if logs.size else 0.0
    result: FloatArray = (logs / max(top, 1e-9)).astype(np.float32)
    return result
