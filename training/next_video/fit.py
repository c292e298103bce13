"""How the sequence model learns: packed rows, Adam, early stopping by validation with a fixed patience (NV-T6)."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.logs import progress
from training.next_video.config import SequenceConfig
from training.next_video.packing import PackedRows
from training.next_video.sequence_model import SequenceModel

_LEAST = 0.02
"""Share of the step size that is left at the end of a cosine."""

Judge = Callable[[SequenceModel], float]
"""Validation NDCG@10 of a model."""


@dataclass
class Curve:
    """What one learning looked like, epoch by epoch."""

    loss: list[float] = field(default_factory=list)
    validation_ndcg: list[float] = field(default_factory=list)
    best_epoch: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Limits:
    """When to stop at the latest."""

    epochs: int
    seconds: float | None = None


def use_threads(count: int) -> None:
    """Bound TensorFlow's threads; does nothing where it has started already."""
    try:
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return


class Learner:
    """One model and its optimiser; may learn again, going on from where it stands, without compiling anew."""

    def __init__(
        self, model: SequenceModel, clock: Callable[[], float] = time.monotonic, start: "Learner | None" = None
    ) -> None:
        """``start``: a learner of all device classes, over the same items, whose weights this one begins with."""
        self.model = model
        self._clock = clock
        self._is_started = start is not None
        rate = model.config.learning_rate
        if start is not None:
            model.set_weights(start.model.get_weights())
            rate *= model.config.borrowed_rate
        self._optimizer = keras.optimizers.Adam(rate, beta_2=0.98)
        self._optimizer.build(model.trainable_variables)
        self._step = _training_step(model, self._optimizer)

    def fit(self, rows: PackedRows, limits: Limits, seed: int, judge: Judge | None = None, label: str = "") -> Curve:
        """Learn until the limits, or until validation is no better for ``patience`` epochs; keep the best weights.

        Args:
            rows: from ``packing.packed``.
            limits: epochs and, optionally, seconds; the time limit holds between steps too.
            seed: of the order of rows and of dropout.
            judge: validation; without one the last epoch is kept (the epochs were chosen before).
            label: what progress messages call the model.
        """
        curve, began = Curve(), self._clock()
        deadline = None if limits.seconds is None else began + limits.seconds
        rng = np.random.default_rng(seed)
        best: list[npt.NDArray[np.float32]] | None = None
        best_score = -1.0
        if self._is_started and judge is not None:  # what was borrowed stays, unless learning makes it better
            best, best_score = self.model.get_weights(), judge(self.model)
        for epoch in range(1, limits.epochs + 1):
            pace = Pace(self.model.config, (epoch - 1, limits.epochs), (began, limits.seconds), self._clock)
            losses = self._epoch(rows, rng, seed + epoch, deadline, pace)
            if not losses:
                break
            curve.loss.append(float(np.mean(losses)))
            if judge is None:
                curve.best_epoch = epoch
                continue
            curve.validation_ndcg.append(judge(self.model))
            progress(f"{label} epoch {epoch}: loss {curve.loss[-1]:.3f}, NDCG@10 {curve.validation_ndcg[-1]:.4f}")
            if curve.validation_ndcg[-1] > best_score:
                curve.best_epoch, best, best_score = epoch, self.model.get_weights(), curve.validation_ndcg[-1]
            elif epoch - curve.best_epoch >= self.model.config.patience:
                break
        if best is not None:
            self.model.set_weights(best)
        curve.seconds = self._clock() - began
        return curve

    def _epoch(
        self, rows: PackedRows, rng: np.random.Generator, seed: int, deadline: float | None, pace: "Pace"
    ) -> list[float]:
        """Losses of the steps of one pass, or of what the time allowed of it."""
        losses = []
        config = self.model.config
        batches = _batches(len(rows), config.batch_rows, config.min_steps, rng)
        for number, chosen in enumerate(batches):
            if deadline is not None and self._clock() > deadline:
                break
            if config.schedule == "cosine":
                self._optimizer.learning_rate.assign(pace.learning_rate(number, len(batches)))
            parts = (rows.inputs[chosen], rows.targets[chosen], rows.positions[chosen], rows.segments[chosen])
            losses.append(self._step(*parts, np.array([seed, number * 64], dtype=np.int32)))
        return [float(loss) for loss in losses]


@dataclass(frozen=True)
class Pace:
    """The step size of one epoch of a ``cosine`` schedule."""

    config: SequenceConfig
    epochs: tuple[int, int]
    """Epochs done before this one, and epochs in all."""
    time: tuple[float, float | None]
    """When the learning began, and the seconds it may take, if bounded."""
    clock: Callable[[], float]

    def learning_rate(self, number: int, step_count: int) -> float:
        """For step ``number`` of ``step_count`` in this epoch: grows over the warm-up, then falls with what is done."""
        done, total = self.epochs
        share = (done + number / step_count) / total
        began, seconds = self.time
        if seconds is not None:
            share = max(share, min(1.0, (self.clock() - began) / seconds))
        warm = min(1.0, (done * step_count + number + 1) / self.config.warmup_steps)
        fall = _LEAST + (1 - _LEAST) * 0.5 * (1 + math.cos(math.pi * share))
        return self.config.learning_rate * warm * fall


def _batches(count: int, size: int, min_steps: int, rng: np.random.Generator) -> Sequence[npt.NDArray[np.int64]]:
    """Random orders, one pass or as many as ``min_steps`` take, cut into batches of exactly ``size``: one shape."""
    if count == 0:
        return []
    steps = max(-(-count // size), min_steps)
    passes = -(-steps * size // count)
    order = np.concatenate([rng.permutation(count) for _ in range(passes)])[: steps * size]
    return np.split(order, steps)


def _training_step(model: SequenceModel, optimizer: keras.optimizers.Optimizer) -> Callable[..., tf.Tensor]:
    def step(
        rows: tf.Tensor, targets: tf.Tensor, positions: tf.Tensor, segments: tf.Tensor, seed: tf.Tensor
    ) -> tf.Tensor:
        with tf.GradientTape() as tape:
            states = model(rows, positions, segments, seed)
            loss = model.ranking_loss(states, targets, tf.cast(segments > 0, tf.float32), seed + tf.constant([0, 63]))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    compiled: Callable[..., tf.Tensor] = tf.function(step, jit_compile=True)
    return compiled
