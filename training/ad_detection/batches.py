"""Batches for the net: stretches of recordings, each epoch through another station's chain (AD-2).

Equaliser, level, noise, bandwidth and pitch are changed on log-mel frames before the level is normalised, so the net
meets them as it does on air; then SpecAugment (Park et al., 2019) masks bands and moments.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from core.algorithms.audio.detector_net import CONTEXT_STEPS, MARGIN_FRAMES, STEP_FRAMES
from core.algorithms.audio.frames import MEL_BANDS, FloatArray
from core.algorithms.audio.normalisation import Normaliser
from training.ad_detection.features import Recording

Batch = tuple[FloatArray, npt.NDArray[np.int32], FloatArray]
"""Frames (b, frames, bands, channels), labels (b, steps), weights (b, steps)."""


def batches(
    heard: Sequence[Recording], size: int, rng: np.random.Generator, class_weights: FloatArray
) -> Iterator[Batch]:
    """One epoch: every recording once, from another start, in another chain, in random order."""
    waiting: list[tuple[FloatArray, npt.NDArray[np.int8]]] = []
    for place in rng.permutation(len(heard)):
        waiting += stretches(heard[int(place)], rng)
        order = rng.permutation(len(waiting))
        waiting = [waiting[int(each)] for each in order]
        while len(waiting) >= 3 * size:
            yield _batch(waiting[:size], class_weights)
            waiting = waiting[size:]
    while waiting:
        yield _batch(waiting[:size], class_weights)
        waiting = waiting[size:]


def stretches(recording: Recording, rng: np.random.Generator) -> list[tuple[FloatArray, npt.NDArray[np.int8]]]:
    """Windows of 48 s of one recording, changed at random; the sound before the first is left out."""
    first = int(rng.integers(0, max(1, min(len(recording.labels) // 4, CONTEXT_STEPS))))
    frames = np.asarray(recording.frames[first * STEP_FRAMES :], dtype=np.float32)
    normal = Normaliser().push(augmented(frames, rng))
    labels = recording.labels[first:]
    return [(_masked(window, rng), answer) for window, answer in _windows(normal, labels)]


def augmented(frames: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Log-mel frames as another station would send them."""
    curve = np.interp(np.arange(MEL_BANDS), np.linspace(0, MEL_BANDS - 1, 6), rng.normal(0, 0.5, 6))
    shift = rng.uniform(-2, 2)
    bands = np.clip(np.arange(MEL_BANDS) + shift, 0, MEL_BANDS - 1)
    low = bands.astype(int)
    high, share = np.minimum(low + 1, MEL_BANDS - 1), (bands - low).astype(np.float32)
    moved = frames[:, low] * (1 - share) + frames[:, high] * share
    moved = moved + (curve + rng.normal(0, 1.0)).astype(np.float32)
    if rng.random() < 0.3:
        noise = (
            rng.uniform(-15, -10) + rng.normal(0, 0.4, (len(frames), 1)) - np.arange(MEL_BANDS) * rng.uniform(0, 0.04)
        )
        moved = np.logaddexp(moved, noise.astype(np.float32))
    if rng.random() < 0.2:
        cut = int(rng.integers(MEL_BANDS // 2, MEL_BANDS))
        moved[:, cut:] = np.float32(-19) + np.float32(0.05) * moved[:, cut:]
    return np.asarray(moved, dtype=np.float32)


def _windows(normal: FloatArray, labels: npt.NDArray[np.int8]) -> Iterator[tuple[FloatArray, npt.NDArray[np.int8]]]:
    padded = np.pad(normal, ((MARGIN_FRAMES, MARGIN_FRAMES + CONTEXT_STEPS * STEP_FRAMES), (0, 0), (0, 0)))
    for start in range(0, len(labels), CONTEXT_STEPS):
        answer = np.full(CONTEXT_STEPS, -1, dtype=np.int8)
        part = labels[start : start + CONTEXT_STEPS]
        answer[: len(part)] = part
        first = start * STEP_FRAMES
        yield padded[first : first + CONTEXT_STEPS * STEP_FRAMES + 2 * MARGIN_FRAMES], answer


def _masked(window: FloatArray, rng: np.random.Generator) -> FloatArray:
    result = window.copy()
    for _ in range(2):
        width = int(rng.integers(0, 9))
        first = int(rng.integers(0, MEL_BANDS - width))
        result[:, first : first + width] = 0
    for _ in range(4):
        length = int(rng.integers(0, 50))
        first = int(rng.integers(0, len(window) - length))
        result[first : first + length] = 0
    return result


def _batch(parts: Sequence[tuple[FloatArray, npt.NDArray[np.int8]]], class_weights: FloatArray) -> Batch:
    labels = np.stack([answer for _, answer in parts]).astype(np.int32)
    weights = np.where(labels >= 0, class_weights[np.maximum(labels, 0)], 0.0).astype(np.float32)
    return np.stack([window for window, _ in parts]), np.maximum(labels, 0), weights
