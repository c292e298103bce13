"""The sequence half of a model in plain numpy: what serving runs, equal to Keras to 1e-5 (tested).

Self-attentive sequential recommendation (Kang and McAuley 2018, SASRec), pre-norm, causal, learned positions, tied
item embeddings and a bias per item. Trained in ``training.next_video.sequence_model``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.algorithms.next_video.arrays import FloatArray

_EPSILON = np.float32(1e-6)
_BLOCK_ARRAYS = (
    "norm1_scale", "norm1_shift", "query", "key", "value", "output",
    "norm2_scale", "norm2_shift", "widen", "widen_bias", "narrow", "narrow_bias",
)  # fmt: skip


def array_names(block_count: int) -> list[str]:
    """Names of all arrays of a sequence model with ``block_count`` blocks."""
    blocks = [f"block{block}_{name}" for block in range(block_count) for name in _BLOCK_ARRAYS]
    return ["items", "item_bias", "positions", "final_scale", "final_shift", *blocks]


@dataclass(frozen=True)
class SequenceScorer:
    """Scores of every item of the vocabulary after a sequence.

    ``arrays``: ``items`` (n, d), ``item_bias`` (n,), ``positions`` (length, d), ``final_scale`` and ``final_shift``
    (d,), and for each block ``query``, ``key``, ``value``, ``output`` (d, d), ``widen`` (d, f), ``narrow`` (f, d),
    biases and norms.
    """

    arrays: Mapping[str, FloatArray]
    block_count: int
    head_count: int

    @property
    def max_length(self) -> int:
        return int(self.arrays["positions"].shape[0])

    def scores(self, rows: Sequence[int]) -> FloatArray:
        """Logits (n,) of what follows ``rows`` (oldest first; only the newest ``max_length`` count).

        Raises:
            ValueError: the sequence is empty; without a history there is no sequence score (NV-T4).
        """
        if not rows:
            raise ValueError("an empty sequence has no sequence scores")
        a = self.arrays
        newest = np.asarray(rows[-self.max_length :], dtype=np.intp)
        state = a["items"][newest] * np.float32(np.sqrt(a["items"].shape[1])) + a["positions"][: len(newest)]
        for block in range(self.block_count):
            state = self._block(state, f"block{block}_", last_only=block == self.block_count - 1)
        final = _normed(state[-1:], a["final_scale"], a["final_shift"])[0]
        logits: FloatArray = a["items"] @ final + a["item_bias"]
        return logits

    def _block(self, state: FloatArray, prefix: str, last_only: bool) -> FloatArray:
        """One pre-norm block; the last one is computed for the last place only, for nothing else is read of it."""
        a = {name: self.arrays[prefix + name] for name in _BLOCK_ARRAYS}
        normed = _normed(state, a["norm1_scale"], a["norm1_shift"])
        asking, kept = (normed[-1:], state[-1:]) if last_only else (normed, state)
        kept = kept + self._attention(asking @ a["query"], normed @ a["key"], normed @ a["value"]) @ a["output"]
        normed = _normed(kept, a["norm2_scale"], a["norm2_shift"])
        wide = np.maximum(normed @ a["widen"] + a["widen_bias"], np.float32(0))
        result: FloatArray = kept + wide @ a["narrow"] + a["narrow_bias"]
        return result

    def _attention(self, query: FloatArray, key: FloatArray, value: FloatArray) -> FloatArray:
        """Causal attention of all heads; ``query`` may be the last rows only."""
        asked, length, width = len(query), len(key), key.shape[1]
        head_width = width // self.head_count
        q = query.reshape(asked, self.head_count, head_width).transpose(1, 0, 2)
        k = key.reshape(length, self.head_count, head_width).transpose(1, 2, 0)
        v = value.reshape(length, self.head_count, head_width).transpose(1, 0, 2)
        weights = (q @ k) * np.float32(1 / np.sqrt(head_width))
        if asked > 1:
            weights = np.where(np.tri(asked, length, length - asked, dtype=bool), weights, np.float32(-1e9))
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        joined: FloatArray = (weights @ v).transpose(1, 0, 2).reshape(asked, width)
        return joined


def _normed(state: FloatArray, scale: FloatArray, shift: FloatArray) -> FloatArray:
    """Layer normalisation over the last axis."""
    centred = state - state.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    result: FloatArray = centred / np.sqrt(variance + _EPSILON) * scale + shift
    return result
