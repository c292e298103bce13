"""EASE: a linear autoencoder in closed form (Steck, WWW 2019, "Embarrassingly Shallow Autoencoders for Sparse Data").

With G the items' co-occurrence over users and P = (G + lambda I)^-1, the weights are B = I - P diag(1 / diag P): the
ridge regression of every item on all others. A strong baseline that knows no order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from core.algorithms.next_video.arrays import FloatArray
from training.datasets.interactions import Interactions
from training.next_video.similarity import user_item_counts

MAX_ITEMS = 8_000
"""The inverse is dense: above so many items it takes gigabytes, and minutes for each setting."""


@dataclass(frozen=True)
class Ease:
    """Item weights (n, n) with a diagonal of zeros."""

    weights: FloatArray

    def scores(self, history: Sequence[int]) -> FloatArray:
        """Summed weights (n,) of the history's items, each once."""
        seen = np.unique(np.asarray(history, dtype=np.intp))
        result: FloatArray = self.weights[seen].sum(axis=0)
        return result


def fit_ease(interactions: Interactions, ridge: float) -> Ease:
    """Solve for the weights; a repeated play counts once.

    Args:
        interactions: of at most ``MAX_ITEMS`` items.
        ridge: lambda, in plays.
    """
    matrix = user_item_counts(interactions)
    matrix.data[:] = 1
    gram = (matrix.T @ matrix).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge
    inverse = linalg.inv(gram, overwrite_a=True)
    weights = inverse / -np.diag(inverse)[None, :]
    weights[np.diag_indices_from(weights)] = 0.0
    return Ease(weights.astype(np.float32))
