"""The similarity half by ``implicit``: factors from alternating least squares, and BM25-weighted neighbours."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender
from implicit.utils import ParameterWarning
from scipy import sparse
from threadpoolctl import threadpool_limits

from core.algorithms.next_video.arrays import FloatArray, IntArray
from core.algorithms.next_video.similarity_scorer import SimilarityScorer, SimilarityWeights, scaled_log
from training.datasets.interactions import Interactions
from training.next_video.config import SimilarityConfig


def user_item_counts(interactions: Interactions) -> sparse.csr_matrix:
    """Plays of each user and item, (users, items), float32."""
    ones = np.ones(len(interactions), dtype=np.float32)
    shape = (len(interactions.users), len(interactions.items))
    matrix = sparse.csr_matrix((ones, (interactions.user, interactions.item)), shape=shape)
    matrix.sum_duplicates()
    return matrix


@contextmanager
def implicit_alone() -> Iterator[None]:
    """Leave the processors to implicit's own threads, and drop its warning about a matrix that it converts itself."""
    with threadpool_limits(1, "blas"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ParameterWarning)
        yield


def fit_similarity(interactions: Interactions, config: SimilarityConfig, seed: int, threads: int) -> SimilarityScorer:
    """Train both parts on the same plays."""
    matrix = user_item_counts(interactions)
    with implicit_alone():
        factors = _factors(matrix, config, seed, threads)
        starts, rows, weights = _neighbours(matrix, config, threads)
    return SimilarityScorer(
        factors=factors,
        neighbour_starts=starts,
        neighbour_rows=rows,
        neighbour_weights=weights,
        log_popularity=scaled_log(interactions.item_counts.astype(np.float32)),
        weights=SimilarityWeights(
            neighbours=config.neighbours,
            popularity=config.popularity,
            history=config.history,
            decay=config.decay,
            history_length=config.history_length,
        ),
    )


def _factors(matrix: sparse.csr_matrix, config: SimilarityConfig, seed: int, threads: int) -> FloatArray:
    """Item factors (n, f) of length one; an item without a play stays zero, similar to nothing."""
    model = AlternatingLeastSquares(
        factors=config.factors,
        regularization=config.regularization,
        alpha=config.alpha,
        iterations=config.iterations,
        num_threads=threads,
        random_state=seed,
    )
    model.fit(matrix, show_progress=False)
    factors = np.asarray(model.item_factors, dtype=np.float32)
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    result: FloatArray = np.divide(factors, lengths, out=np.zeros_like(factors), where=lengths > 0)
    return result


def _neighbours(
    matrix: sparse.csr_matrix, config: SimilarityConfig, threads: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Compressed rows of each item's nearest others, weights scaled to at most 1 a row."""
    count = min(config.neighbour_count + 1, max(matrix.shape[1], 1))
    model = BM25Recommender(K=count, K1=config.bm25_k1, B=config.bm25_b, num_threads=threads)
    model.fit(matrix, show_progress=False)
    similarity = model.similarity.tocsr().astype(np.float32)
    similarity.setdiag(0)
    similarity.eliminate_zeros()
    tops = similarity.max(axis=1).toarray().ravel()
    scale = sparse.diags(np.divide(1.0, tops, out=np.zeros_like(tops), where=tops > 0))
    scaled = sparse.csr_matrix(scale @ similarity)
    return scaled.indptr.astype(np.int32), scaled.indices.astype(np.int32), scaled.data.astype(np.float32)
