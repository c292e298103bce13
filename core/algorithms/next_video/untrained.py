"""A model of random weights: for serving, gates and benchmarks without TensorFlow. Recommends nothing sensible."""

from collections.abc import Sequence

import numpy as np

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.sequence_scorer import SequenceScorer
from core.algorithms.next_video.similarity_scorer import SimilarityScorer, SimilarityWeights, scaled_log


def untrained_model(
    name: str,
    vocabulary: Sequence[str],
    rng: np.random.Generator,
    width: int = 64,
    max_length: int = 50,
    block_count: int = 2,
    neighbour_count: int = 20,
) -> ClassModel:
    """A class model of the shape that training makes; popularity falls along the vocabulary's order."""
    count = len(vocabulary)

    def normal(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return rng.normal(0, 0.1, shape).astype(np.float32)

    arrays = {
        "items": normal(count, width),
        "item_bias": normal(count),
        "positions": normal(max_length, width),
        "final_scale": np.ones(width, np.float32),
        "final_shift": normal(width),
    }
    for block in range(block_count):
        prefix = f"block{block}_"
        for norm in ("norm1", "norm2"):
            arrays[f"{prefix}{norm}_scale"] = np.ones(width, np.float32)
            arrays[f"{prefix}{norm}_shift"] = normal(width)
        for square in ("query", "key", "value", "output", "widen", "narrow"):
            arrays[prefix + square] = normal(width, width)
        for bias in ("widen_bias", "narrow_bias"):
            arrays[prefix + bias] = normal(width)
    factors = normal(count, width)
    factors /= np.linalg.norm(factors, axis=1, keepdims=True)
    kept = min(neighbour_count, max(count - 1, 0))
    rows = np.array([(row + 1 + np.arange(kept)) % max(count, 1) for row in range(count)], np.int32).reshape(-1)
    popularity = np.arange(count, 0, -1, dtype=np.float32) * 20
    return ClassModel(
        name=name,
        vocabulary=tuple(vocabulary),
        popularity=popularity,
        sequence=SequenceScorer(arrays, block_count, head_count=2),
        similarity=SimilarityScorer(
            factors=factors,
            neighbour_starts=np.arange(count + 1, dtype=np.int32) * np.int32(kept),
            neighbour_rows=rows,
            neighbour_weights=rng.random(len(rows)).astype(np.float32),
            log_popularity=scaled_log(popularity),
            weights=SimilarityWeights(neighbours=0.7, popularity=0.05, history=0.6, decay=0.8, history_length=20),
        ),
    )
