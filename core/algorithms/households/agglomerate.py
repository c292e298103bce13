"""Clustering of a few things by pair weights, best pair first: correlation clustering's greedy heuristic.

Local: the outcome depends on the things in one connected part and nothing else, so strangers never change it. Louvain
and Leiden with modularity are not: their null model counts everybody's edges (Traag 2019 has others).
"""

import numpy as np
from numpy.typing import NDArray

_NEVER = np.iinfo(np.int64).min // 4


def agglomerate(weights: NDArray[np.int64], least: int) -> list[list[int]]:
    """Join groups, best pair first, as long as a pair's summed weight is more than ``least``.

    Args:
        weights: symmetric, integers (so that sums do not depend on the order); the diagonal is ignored.
        least: joins at this weight or below do not happen.
    """
    weights = weights.copy()
    groups = [[number] for number in range(len(weights))]
    while len(groups) > 1:
        np.fill_diagonal(weights, _NEVER)
        one, other = divmod(int(np.argmax(weights)), len(weights))
        if weights[one, other] <= least:
            break
        one, other = min(one, other), max(one, other)
        weights[one] += weights[other]
        weights[:, one] = weights[one]
        kept = np.arange(len(weights)) != other
        weights = weights[kept][:, kept]
        groups[one] += groups.pop(other)
    return groups
