"""Fits the net to recordings and keeps the epoch that does best on the stations held out."""

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import keras
import numpy as np
import tensorflow as tf

from core.algorithms.audio.detector_net import Weights, probabilities, step_stream
from core.algorithms.audio.frames import FloatArray
from core.algorithms.audio.normalisation import Normaliser
from core.logs import progress
from training.ad_detection import net, seed
from training.ad_detection.batches import Batch, batches
from training.ad_detection.config import DetectorConfig
from training.ad_detection.features import Recording

_DESIGNS: Final = {"crnn": net, "seed": seed}


@dataclass(frozen=True)
class Fitted:
    """A trained net as arrays, and how it came about."""

    weights: Weights
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    """Share of right steps on the stations held out, by epoch."""


def fit(learned: Sequence[Recording], held_out: Sequence[Recording], config: DetectorConfig) -> Fitted:
    """Train with Adam and a falling rate; one epoch takes every recording once."""
    use_threads(config.threads)
    design = _DESIGNS[config.model]
    model = design.build(config.seed)
    rng = np.random.default_rng(config.seed)
    steps = config.epochs * max(1, round(sum(len(each.labels) for each in learned) / 240 / config.batch_size))
    peak = config.learning_rate
    rate = keras.optimizers.schedules.CosineDecay(
        peak / 10, steps, 0.02, warmup_target=peak, warmup_steps=max(1, steps // 20)
    )
    optimizer = keras.optimizers.Adam(rate, clipnorm=1.0)
    step = _step(model, optimizer, config.label_smoothing)
    weights = class_weights(learned)
    losses, accuracies, best = list[float](), list[float](), design.weights_of(model)
    for epoch in range(config.epochs):
        prepared = ahead(batches(learned, config.batch_size, rng, weights))
        values = [float(step(*map(tf.constant, batch))) for batch in prepared]
        arrays = design.weights_of(model)
        losses.append(float(np.mean(values)))
        accuracies.append(step_accuracy(arrays, held_out))
        if accuracies[-1] >= max(accuracies):
            best = arrays
        progress(f"train: epoch {epoch + 1}: loss {losses[-1]:.3f}, held-out stations {accuracies[-1]:.3f} right")
    return Fitted(best, tuple(losses), tuple(accuracies))


def ahead(made: Iterator[Batch], kept: int = 4) -> Iterator[Batch]:
    """The same batches, made in a thread while the net learns from those before."""
    waiting: queue.Queue[Batch | BaseException | None] = queue.Queue(kept)

    def make() -> None:
        try:
            for each in made:
                waiting.put(each)
            waiting.put(None)
        except BaseException as error:
            waiting.put(error)

    threading.Thread(target=make, daemon=True).start()
    while (batch := waiting.get()) is not None:
        if isinstance(batch, BaseException):
            raise batch
        yield batch


def answers(weights: Weights, recording: Recording) -> FloatArray:
    """The net's softmax (steps, 3) over a recording, as the detector computes it."""
    stream = step_stream(weights)
    normal = Normaliser().push(np.asarray(recording.frames, dtype=np.float32))
    return probabilities(weights, np.concatenate([stream.push(normal), stream.finish()]))


def step_accuracy(weights: Weights, heard: Sequence[Recording]) -> float:
    """Share of labelled steps that the net alone has right."""
    right = total = 0
    for each in heard:
        said = answers(weights, each)[: len(each.labels)].argmax(axis=1)
        is_known = each.labels >= 0
        right += int((said == each.labels)[is_known].sum())
        total += int(is_known.sum())
    return right / max(1, total)


def class_weights(heard: Sequence[Recording]) -> FloatArray:
    """Rare labels count more, halfway to equal shares; a label that is missing counts nothing."""
    counts = np.zeros(3)
    for each in heard:
        counts += np.bincount(each.labels[each.labels >= 0], minlength=3)
    shares = counts / max(1.0, counts.sum())
    return np.where(shares > 0, (1 / 3 / np.maximum(shares, 1e-6)) ** 0.5, 0).astype(np.float32)


def use_threads(threads: int) -> None:
    """Bound TensorFlow's threads; once it has computed something, it keeps what it has."""
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return


def _step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, smoothing: float
) -> tf.types.experimental.PolymorphicFunction:
    @tf.function(reduce_retracing=True)
    def step(frames: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            said = tf.math.log(model(frames, training=True) + 1e-7)
            wanted = tf.one_hot(labels, 3) * (1 - smoothing) + smoothing / 3
            losses = -tf.reduce_sum(wanted * said, axis=-1) * weights
            loss = tf.reduce_sum(losses) / tf.maximum(tf.reduce_sum(weights), 1.0)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step
