"""Takes the station's own level and equaliser out of log-mel frames, by what was heard so far: the same live and not.

Two channels: the frame against the slow mean of its level (loudness and dynamics stay), and against the slow mean of
each band (what the station's equaliser does goes).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from core.algorithms.audio.frames import FRAMES_A_SECOND, MEL_BANDS, FloatArray

CHANNELS: Final = 2
_SLOW_SECONDS: Final = 40.0
_PRIOR_SECONDS: Final = 2.0
_PRIOR: Final = -11.0
"""What is believed of every band before the first frame, with the weight of ``_PRIOR_SECONDS``."""
SCALE: Final = 4.0
_LIMIT: Final = 3.0
_QUIETEST: Final = -19.0
"""Digital silence says nothing of a station's level."""


class Normaliser:
    """Streams; pushing frames in any chunks gives the same result."""

    def __init__(self) -> None:
        self._keep = float(np.exp(-1 / (_SLOW_SECONDS * FRAMES_A_SECOND)))
        weight = 1 - self._keep ** (_PRIOR_SECONDS * FRAMES_A_SECOND)
        self._sum = np.full(MEL_BANDS, _PRIOR * weight)
        self._weight = np.full(1, weight)

    def push(self, frames: FloatArray) -> FloatArray:
        """Log-mel frames (n, MEL_BANDS) to net input (n, MEL_BANDS, CHANNELS)."""
        heard = (frames.mean(axis=1, keepdims=True) > _QUIETEST).astype(np.float64)
        sums, self._sum = self._averaged(frames * heard, self._sum, heard)
        weights, self._weight = self._averaged(heard, self._weight, heard)
        means = sums / weights
        level = means.mean(axis=1, keepdims=True)
        both = np.stack([frames - level, frames - means], axis=-1) / SCALE
        return np.clip(both, -_LIMIT, _LIMIT).astype(np.float32)

    def _averaged(
        self, values: npt.NDArray[np.float64], last: npt.NDArray[np.float64], heard: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Exponential means along time, standing still where nothing is heard."""
        if len(values) == 0:
            return values, last
        from scipy.signal import lfilter

        is_heard = heard[:, 0] > 0
        result = np.repeat(last[None], len(values), axis=0)
        if is_heard.any():
            kept, _ = lfilter([1 - self._keep], [1, -self._keep], values[is_heard], axis=0, zi=last[None] * self._keep)
            places = np.cumsum(is_heard) - 1
            result = np.where(places[:, None] >= 0, kept[np.maximum(places, 0)], last[None])
        return result, result[-1]
