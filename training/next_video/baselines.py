"""What a model must beat, trained and scored in the same run: popularity, and plain item-kNN; more in a study.

Item-kNN: cosines of items over users, summed over the history (Sarwar et al. 2001; Deshpande and Karypis 2004).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from implicit.nearest_neighbours import CosineRecommender
from scipy import sparse

from core.algorithms.next_video.arrays import FloatArray
from training.datasets.interactions import Interactions
from training.next_video.similarity import implicit_alone, user_item_counts

POPULARITY = "popularity"
ITEM_KNN = "item_knn"


class Scorer(Protocol):
    """Ranks all items after a history."""

    def scores(self, history: Sequence[int]) -> FloatArray:
        """Scores (n,) after a history that is not empty, oldest first."""
        ...


@dataclass(frozen=True)
class Baseline:
    """A fitted baseline, how it was set, and the seconds that fitting took."""

    scorer: Scorer
    setting: Mapping[str, float]
    seconds: float


def timed(fit: Callable[[], Scorer], setting: Mapping[str, float] | None = None) -> Baseline:
    """Fit, and take the time."""
    began = time.monotonic()
    scorer = fit()
    return Baseline(scorer, setting or {}, time.monotonic() - began)


def fixed_baselines(training: Interactions, neighbours: int, threads: int) -> dict[str, Baseline]:
    """Those of a training run, which the promotion gate asks for; by name."""
    return {
        POPULARITY: timed(lambda: fit_popularity(training)),
        ITEM_KNN: timed(lambda: fit_item_knn(training, neighbours, threads), {"neighbours": neighbours}),
    }


@dataclass(frozen=True)
class Popularity:
    """The same order for everybody."""

    counts: FloatArray

    def scores(self, history: Sequence[int]) -> FloatArray:
        """Play counts (n,), whatever the history."""
        del history
        return self.counts


@dataclass(frozen=True)
class ItemKnn:
    """Items that the same users play."""

    similarity: sparse.csr_matrix

    def scores(self, history: Sequence[int]) -> FloatArray:
        """Summed cosines (n,) to the history's items."""
        seen = np.unique(np.asarray(history, dtype=np.intp))
        result: FloatArray = np.asarray(self.similarity[seen].sum(axis=0), dtype=np.float32).ravel()
        return result


def fit_popularity(interactions: Interactions) -> Popularity:
    """Count the plays of each item."""
    return Popularity(interactions.item_counts.astype(np.float32))


def fit_item_knn(interactions: Interactions, neighbours: int, threads: int) -> ItemKnn:
    """Cosine neighbours over users; a repeated play counts once."""
    matrix = user_item_counts(interactions)
    matrix.data[:] = 1
    model = CosineRecommender(K=min(neighbours + 1, max(matrix.shape[1], 1)), num_threads=threads)
    with implicit_alone():
        model.fit(matrix, show_progress=False)
    similarity = model.similarity.tocsr().astype(np.float32)
    similarity.setdiag(0)
    similarity.eliminate_zeros()
    return ItemKnn(similarity)
