"""Judges an epoch of the sequence model: NDCG@10 on validation targets, many at once."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.algorithms.next_video.sequences import model_input
from training.datasets.splits import Split
from training.next_video.metrics import per_user
from training.next_video.sequence_model import SequenceModel

_BATCH = 128


class ValidationJudge:
    """Holds the padded histories of the targets; one call scores a model on all of them."""

    def __init__(self, split: Split, targets: npt.NDArray[np.int64], max_length: int) -> None:
        self._histories = [split.history(target) for target in targets.tolist()]
        self._wanted = split.interactions.item[targets]
        inputs = [model_input(history, None, max_length) for history in self._histories]
        count = len(inputs) + (-len(inputs) % _BATCH)
        self._rows = np.zeros((count, max_length), dtype=np.int32)
        self._last = np.zeros(count, dtype=np.int32)
        for place, rows in enumerate(inputs):
            self._rows[place, : len(rows)] = rows
            self._last[place] = len(rows) - 1
        self._positions = np.tile(np.arange(max_length, dtype=np.int32), (_BATCH, 1))
        self._forward: Callable[..., tf.Tensor] | None = None

    def __call__(self, model: SequenceModel) -> float:
        """Mean NDCG@10 over the targets; 0 without targets."""
        if not self._histories:
            return 0.0
        if self._forward is None:
            self._forward = _forward(model)
        ranks: list[int] = []
        for start in range(0, len(self._rows), _BATCH):
            part = slice(start, start + _BATCH)
            logits = self._forward(self._rows[part], self._positions, self._last[part]).numpy()
            ranks.extend(self._ranks(logits, start))
        return float(per_user(ranks)["ndcg_at_10"].mean())

    def _ranks(self, logits: npt.NDArray[np.float32], start: int) -> list[int]:
        histories = self._histories[start : start + _BATCH]
        wanted = self._wanted[start : start + _BATCH]
        own = logits[np.arange(len(wanted)), wanted]
        for place, history in enumerate(histories):
            logits[place, history] = -np.inf
        above = logits[: len(wanted)] >= own[:, None]
        above[np.arange(len(wanted)), wanted] = True
        counts: list[int] = above.sum(axis=1).tolist()
        return counts


def _forward(model: SequenceModel) -> Callable[..., tf.Tensor]:
    def forward(rows: tf.Tensor, positions: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        states = model(rows, positions, tf.ones_like(rows))
        ends = tf.gather(states, last, batch_dims=1)
        return tf.matmul(ends, model.arrays["items"].value, transpose_b=True) + model.arrays["item_bias"].value

    compiled: Callable[..., tf.Tensor] = tf.function(forward, jit_compile=True)
    return compiled
