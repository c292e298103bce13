"""The seed's design in NumPy, the baseline of every comparison (AD-2): maps of 4 s of cepstra, one a second, an LSTM.

13 cepstral coefficients of 26 mel filters every 20 ms, 22,050 Hz; here the filters are laid over our 64 narrower ones,
whose windows are 46 ms long (the seed's: 50 ms), and the station's slow level is taken out as for our own net.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from core.algorithms.audio.frames import FRAMES_A_SECOND, MEL_BANDS, FloatArray
from core.algorithms.audio.normalisation import CHANNELS, SCALE

FILTERS: Final = 26
CEPSTRA: Final = 13
MAP_FRAMES: Final = 4 * FRAMES_A_SECOND
BEFORE_FRAMES: Final = (MAP_FRAMES - FRAMES_A_SECOND) // 2
"""A map reaches so far before its second, and as far beyond."""
_STEP_FRAMES: Final = 10
_REPEAT: Final = FRAMES_A_SECOND // _STEP_FRAMES
_AT_ONCE: Final = 120


class SeedStream:
    """Normalised frames to answers, streamed: rows are softmax vectors (3,), one every 0.2 s, equal within a second."""

    width: Final = 3

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        self._weights = weights
        self._frames = np.zeros((BEFORE_FRAMES, MEL_BANDS, CHANNELS), dtype=np.float32)
        self._missing = 0
        """Frames heard of which no row tells yet."""

    def push(self, frames: FloatArray) -> FloatArray:
        """Take more frames (n, MEL_BANDS, CHANNELS); return the rows (steps, 3) of the seconds now complete."""
        self._missing += len(frames)
        return self._rows(frames)

    def finish(self) -> FloatArray:
        """The last rows, with silence after the end; a started step counts."""
        wanted = -(-self._missing // _STEP_FRAMES)
        seconds = -(-self._missing // FRAMES_A_SECOND)
        silence = BEFORE_FRAMES + seconds * FRAMES_A_SECOND - self._missing
        return self._rows(np.zeros((silence, MEL_BANDS, CHANNELS), dtype=np.float32))[:wanted]

    def _rows(self, frames: FloatArray) -> FloatArray:
        self._frames = np.concatenate([self._frames, frames])
        done: list[FloatArray] = []
        while (ready := (len(self._frames) - 2 * BEFORE_FRAMES) // FRAMES_A_SECOND) > 0:
            seconds = min(ready, _AT_ONCE)
            known = cepstra(self._frames[: (seconds - 1) * FRAMES_A_SECOND + MAP_FRAMES])
            maps = np.lib.stride_tricks.sliding_window_view(known, MAP_FRAMES, axis=0)[::FRAMES_A_SECOND]
            done.append(np.repeat(_answers(self._weights, maps.transpose(0, 2, 1)), _REPEAT, axis=0))
            self._frames = self._frames[seconds * FRAMES_A_SECOND :]
            self._missing -= seconds * FRAMES_A_SECOND
        return np.concatenate(done) if done else np.zeros((0, 3), dtype=np.float32)


def cepstra(frames: FloatArray) -> FloatArray:
    """Cepstral coefficients (n, CEPSTRA) of normalised frames (n, MEL_BANDS, CHANNELS)."""
    power = np.exp(frames[..., 0] * np.float32(SCALE))
    return np.asarray(np.log(power @ wide_filters() + np.float32(1e-6)) @ cosines(), dtype=np.float32)


@cache
def wide_filters() -> FloatArray:
    """Triangles (MEL_BANDS, FILTERS) over the narrow bands, each with sum 1."""
    edges = np.linspace(-1, MEL_BANDS, FILTERS + 2)
    bands = np.arange(MEL_BANDS)[:, None]
    rising, falling = (bands - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - bands) / np.diff(edges)[1:]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(filters / filters.sum(axis=0), dtype=np.float32)


@cache
def cosines() -> FloatArray:
    """The orthonormal cosine transform (FILTERS, CEPSTRA)."""
    angles = np.pi / FILTERS * (np.arange(FILTERS)[:, None] + 0.5) * np.arange(CEPSTRA)
    return np.asarray(np.cos(angles) * np.sqrt(2 / FILTERS) / 4, dtype=np.float32)


def _answers(weights: Mapping[str, FloatArray], maps: FloatArray) -> FloatArray:
    """Softmax (n, 3) of maps (n, MAP_FRAMES, CEPSTRA): the last state of a long short-term memory (Hochreiter 1997)."""
    kernel, recurrent, bias = (weights[f"lstm_{name}"] for name in ("kernel", "recurrent", "bias"))
    units = recurrent.shape[0]
    inputs = maps @ kernel + bias
    state: FloatArray = np.zeros((len(maps), units), dtype=np.float32)
    memory: FloatArray = np.zeros((len(maps), units), dtype=np.float32)
    for place in range(maps.shape[1]):
        gates = inputs[:, place] + state @ recurrent
        opened = np.asarray(0.5 * (1 + np.tanh(0.5 * gates)), dtype=np.float32)
        candidate = np.tanh(gates[:, 2 * units : 3 * units])
        memory = opened[:, units : 2 * units] * memory + opened[:, :units] * candidate
        state = opened[:, 3 * units :] * np.tanh(memory)
    logits = state @ weights["seed_output_kernel"] + weights["seed_output_bias"]
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)
