"""How the sequence model learns: packed rows, Adam, early stopping by validation with a fixed patience (NV-T6)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.logs import progress
from training.next_video.packing import PackedRows
from training.next_video.sequence_model import SequenceModel

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


def fit(
    model: SequenceModel,
    rows: PackedRows,
    limits: Limits,
    seed: int,
    judge: Judge | None = None,
    label: str = "",
    clock: Callable[[], float] = time.monotonic,
) -> Curve:
    """Train until the limits, or until validation has not improved for ``patience`` epochs; keep the best weights.

    Args:
        model: trained in place.
        rows: from ``packing.packed``.
        limits: epochs and, optionally, seconds; the time limit holds between steps too.
        seed: of the order of rows and of dropout.
        judge: validation; without one the last epoch is kept (a refit whose epochs validation has chosen before).
        label: what progress messages call it.
        clock: seconds, for the time limit and the curve.
    """
    curve, began = Curve(), clock()
    if len(rows) == 0 or limits.epochs == 0:
        return curve
    step, batch = _training_step(model), model.config.batch_rows
    rng = np.random.default_rng(seed)
    best: list[npt.NDArray[np.float32]] | None = None
    deadline = None if limits.seconds is None else began + limits.seconds
    for epoch in range(1, limits.epochs + 1):
        losses = []
        for number, chosen in enumerate(_batches(len(rows), batch, rng)):
            if deadline is not None and clock() > deadline:
                break
            parts = (rows.inputs[chosen], rows.targets[chosen], rows.positions[chosen], rows.segments[chosen])
            losses.append(step(*parts, np.array([seed + epoch, number * 64], dtype=np.int32)))
        if not losses:
            break
        curve.loss.append(float(np.mean([float(loss) for loss in losses])))
        if judge is not None:
            curve.validation_ndcg.append(judge(model))
            progress(f"{label} epoch {epoch}: loss {curve.loss[-1]:.3f}, NDCG@10 {curve.validation_ndcg[-1]:.4f}")
            if curve.validation_ndcg[-1] > max(curve.validation_ndcg[:-1], default=-1.0):
                curve.best_epoch, best = epoch, model.get_weights()
            elif epoch - curve.best_epoch >= model.config.patience:
                break
        else:
            curve.best_epoch = epoch
    if best is not None:
        model.set_weights(best)
    curve.seconds = clock() - began
    return curve


def _batches(count: int, size: int, rng: np.random.Generator) -> Sequence[npt.NDArray[np.int64]]:
    """A random order, cut into batches of exactly ``size`` (the last one filled up from the front): one shape."""
    order = rng.permutation(count)
    missing = -count % size
    order = np.concatenate([order, np.resize(order, missing)])
    return np.split(order, len(order) // size)


def _training_step(model: SequenceModel) -> Callable[..., tf.Tensor]:
    optimizer = keras.optimizers.Adam(model.config.learning_rate, beta_2=0.98)
    optimizer.build(model.trainable_variables)

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
