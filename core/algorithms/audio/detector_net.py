"""The trained net in NumPy: what Keras computes, without it. Convolutions over log-mel maps, then a GRU both ways.

Weights are arrays by name (``training.ad_detection.net`` writes them; batch normalisation is folded in). One step is
0.2 s. A step's *embedding* sees 0.6 s of sound; the recurrence sees ``CONTEXT_STEPS`` (48 s) of embeddings at once.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from core.algorithms.audio.frames import FRAMES_A_SECOND, MEL_BANDS, FloatArray
from core.algorithms.audio.normalisation import CHANNELS
from core.algorithms.audio.seed_net import SeedStream

STEP_FRAMES: Final = 10
STEPS_A_SECOND: Final = FRAMES_A_SECOND // STEP_FRAMES
MARGIN_FRAMES: Final = 10
"""Frames before and after a step that its embedding sees."""
CONTEXT_STEPS: Final = 240
_HALF: Final = CONTEXT_STEPS // 4
_AT_ONCE: Final = 300
Weights = Mapping[str, FloatArray]


class EmbeddingStream:
    """Normalised frames to embeddings, streamed: pushing in any chunks gives the same steps."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.width = int(weights["joined_bias"].shape[0])
        self._frames = np.zeros((MARGIN_FRAMES, MEL_BANDS, CHANNELS), dtype=np.float32)

    def push(self, frames: FloatArray) -> FloatArray:
        """Take more frames (n, MEL_BANDS, CHANNELS); return the embeddings (steps, width) that are now complete."""
        self._frames = np.concatenate([self._frames, frames])
        done: list[FloatArray] = []
        while (ready := (len(self._frames) - 2 * MARGIN_FRAMES) // STEP_FRAMES) > 0:
            steps = min(ready, _AT_ONCE)
            done.append(embeddings(self._weights, self._frames[: steps * STEP_FRAMES + 2 * MARGIN_FRAMES]))
            self._frames = self._frames[steps * STEP_FRAMES :]
        return np.concatenate(done) if done else np.zeros((0, self.width), dtype=np.float32)

    def finish(self) -> FloatArray:
        """The last steps, with silence after the end; a started step counts."""
        missing = -(len(self._frames) - MARGIN_FRAMES) % STEP_FRAMES
        return self.push(np.zeros((MARGIN_FRAMES + missing, MEL_BANDS, CHANNELS), dtype=np.float32))


def step_stream(weights: Weights) -> EmbeddingStream | SeedStream:
    """What turns frames into steps for ``window_probabilities``: ours, or the seed's where the weights are its own."""
    return SeedStream(weights) if _is_seed(weights) else EmbeddingStream(weights)


def _is_seed(weights: Weights) -> bool:
    return "lstm_kernel" in weights


def embeddings(weights: Weights, frames: FloatArray) -> FloatArray:
    """Embeddings (K, width) of (K * STEP_FRAMES + 2 * MARGIN_FRAMES, MEL_BANDS, CHANNELS) frames."""
    state = frames
    for number, stride in ((1, 2), (2, 1), (3, 1)):
        state = _convolved(state, weights[f"conv{number}_kernel"], weights[f"conv{number}_bias"], stride)
    state = state[3:-2]
    flat = state.reshape(len(state), -1)
    narrow = np.maximum(flat @ weights["narrow_kernel"] + weights["narrow_bias"], 0)
    steps = narrow.reshape(-1, STEP_FRAMES // 2, narrow.shape[1])
    pooled = np.concatenate([steps.mean(axis=1), steps.max(axis=1)], axis=1)
    return np.asarray(np.maximum(pooled @ weights["joined_kernel"] + weights["joined_bias"], 0), dtype=np.float32)


def probabilities(weights: Weights, embedded: FloatArray) -> FloatArray:
    """Softmax (n, 3) over ad, talk, music of a recording's embeddings (n, width), each seen with 12 s around it."""
    count = len(embedded)
    if count <= CONTEXT_STEPS:
        only: FloatArray = window_probabilities(weights, embedded[None])[0]
        return only
    hop = CONTEXT_STEPS // 2
    starts = [*range(0, count - CONTEXT_STEPS, hop), count - CONTEXT_STEPS]
    windows = np.stack([embedded[start : start + CONTEXT_STEPS] for start in starts])
    answers = window_probabilities(weights, windows)
    result = np.empty((count, answers.shape[2]), dtype=np.float32)
    for start, answer in zip(starts, answers, strict=True):
        first = 0 if start == 0 else _HALF
        result[start + first : start + CONTEXT_STEPS] = answer[first:]
    return result


def window_probabilities(weights: Weights, windows: FloatArray) -> FloatArray:
    """Softmax (windows, steps, 3) of windows of embeddings (windows, steps, width); the seed's steps are answers."""
    if _is_seed(weights):
        return windows
    forward = _gru(weights, "forward", windows)
    backward = _gru(weights, "backward", windows[:, ::-1])[:, ::-1]
    state = np.concatenate([windows, forward, backward], axis=-1)
    hidden = np.maximum(state @ weights["hidden_kernel"] + weights["hidden_bias"], 0)
    logits = hidden @ weights["output_kernel"] + weights["output_bias"]
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)


def _convolved(state: FloatArray, kernel: FloatArray, bias: FloatArray, stride: int) -> FloatArray:
    """Convolution (time without padding, bands with), ReLU, and the larger of each two bands."""
    tall, wide, channels, filters = kernel.shape
    padded = np.pad(state, ((0, 0), (wide // 2, wide // 2), (0, 0)))
    places = np.lib.stride_tricks.sliding_window_view(padded, (tall, wide), axis=(0, 1))[::stride]
    columns = places.transpose(0, 1, 3, 4, 2).reshape(-1, tall * wide * channels)
    out = np.maximum(columns @ kernel.reshape(-1, filters) + bias, 0)
    return np.asarray(out.reshape(len(places), state.shape[1] // 2, 2, filters).max(axis=2))


def _gru(weights: Weights, way: str, windows: FloatArray) -> FloatArray:
    """A gated recurrent unit (Cho et al. 2014; Keras' form with the reset after the product)."""
    kernel, recurrent = weights[f"{way}_kernel"], weights[f"{way}_recurrent"]
    bias_in, bias_state = weights[f"{way}_bias"]
    units = recurrent.shape[0]
    inputs = windows @ kernel + bias_in
    state = np.zeros((len(windows), units), dtype=np.float32)
    result = np.empty((*windows.shape[:2], units), dtype=np.float32)
    for step in range(windows.shape[1]):
        own = state @ recurrent + bias_state
        gates = 0.5 * (1 + np.tanh(0.5 * (inputs[:, step, : 2 * units] + own[:, : 2 * units])))
        update, reset = gates[:, :units], gates[:, units:]
        candidate = np.tanh(inputs[:, step, 2 * units :] + reset * own[:, 2 * units :])
        state = update * state + (1 - update) * candidate
        result[:, step] = state
    return result
