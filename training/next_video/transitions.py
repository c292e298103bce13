"""Transitions: what followed an item directly, or soon after; a first-order Markov chain with a memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from core.algorithms.next_video.arrays import FloatArray
from training.datasets.interactions import Interactions

_SHRINK = 5.0
"""Plays that an item's followers are shrunk by: few plays prove little."""
_MEMORY = 20
"""Newest items of a history that count."""


@dataclass(frozen=True)
class Transitions:
    """Shares (n, n) of what follows each item, and how much an older item of the history counts."""

    shares: sparse.csr_matrix
    decay: float

    def scores(self, history: Sequence[int]) -> FloatArray:
        """Summed shares (n,) over the newest items, each older one worth ``decay`` of the next newer one."""
        newest = list(history)[: -_MEMORY - 1 : -1]
        weights = sparse.csr_matrix(self.decay ** np.arange(len(newest), dtype=np.float32))
        result: FloatArray = (weights @ self.shares[newest]).toarray().astype(np.float32).ravel()
        return result


def fit_transitions(interactions: Interactions, reach: int, decay: float) -> Transitions:
    """Count the pairs of one user's plays that lie at most ``reach`` steps apart, a farther one for less (1/steps)."""
    count = len(interactions.items)
    total = sparse.csr_matrix((count, count), dtype=np.float32)
    for steps in range(1, reach + 1):
        is_pair = interactions.user[steps:] == interactions.user[:-steps]
        before, after = interactions.item[:-steps][is_pair], interactions.item[steps:][is_pair]
        ones = np.full(len(before), 1 / steps, dtype=np.float32)
        total = total + sparse.csr_matrix((ones, (before, after)), shape=(count, count))
    total.setdiag(0)
    total.eliminate_zeros()
    sums = np.asarray(total.sum(axis=1)).ravel()
    return Transitions(sparse.csr_matrix(sparse.diags(1 / (sums + _SHRINK)) @ total).astype(np.float32), decay)
