"""Sound to landmarks: spectral peaks joined in pairs and hashed (Wang 2003; AD-3).

Frequencies are taken on a logarithmic scale of quarter tones, so that a broadcast played 1 % faster keeps most hashes.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from core.algorithms.audio.frames import SAMPLE_RATE, WINDOW, FloatArray

IntArray = npt.NDArray[np.int64]

_LOWEST_BIN: Final = 9
_HIGHEST_BIN: Final = 240
"""About 190 to 5,200 Hz: what a 48 kbit/s encoder and a small radio keep."""
_REACH_FRAMES: Final = 9
_REACH_BINS: Final = 9
_PAIRS: Final = 5
_LOOKED_AT: Final = 40
_LEAST_APART: Final = 2
_MOST_APART: Final = 63
_QUARTER_TONES: Final = 24
_MOST_INTERVAL: Final = 31
_CONTEXT_FRAMES: Final = _MOST_APART + 2 * _REACH_FRAMES


class Landmarks(NamedTuple):
    """In the order of time (n,)."""

    hashes: IntArray
    """Below 2 ** 20: first peak's tone, interval to the second, frames between them."""
    frames: IntArray
    """Of the first peak."""
    others: IntArray
    """The same hashes with the tone's second nearest step: at another speed, all tones of a tune round alike."""


NOTHING: Final = Landmarks(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


class LandmarkStream:
    """Power spectra to landmarks, streamed; every pair comes once."""

    def __init__(self) -> None:
        self._power = np.zeros((0, WINDOW // 2 + 1), dtype=np.float32)
        self._first = 0
        """Frame number of the first row kept."""
        self._done = 0
        """Pairs whose first peak lies before this frame are out already."""

    def push(self, power: FloatArray) -> Landmarks:
        """Take more spectra (n, bins); return the landmarks that nothing can change any more."""
        self._power = np.concatenate([self._power, power])
        return self._out(self._first + len(self._power) - _CONTEXT_FRAMES)

    def finish(self) -> Landmarks:
        return self._out(self._first + len(self._power))

    def _out(self, until: int) -> Landmarks:
        if until <= self._done:
            return NOTHING
        found = landmarks(self._power)
        frames = found.frames + self._first
        is_new = (frames >= self._done) & (frames < until)
        self._done = until
        drop = max(0, until - _REACH_FRAMES - self._first)
        self._power, self._first = self._power[drop:].copy(), self._first + drop
        return Landmarks(found.hashes[is_new], frames[is_new], found.others[is_new])


def landmarks(power: FloatArray) -> Landmarks:
    """All landmarks of power spectra (n, WINDOW // 2 + 1)."""
    frames, tones = peaks(power)
    first, second = _pairs(frames, tones)
    if len(first) == 0:
        return NOTHING
    interval = np.round(tones[second] - tones[first]).astype(np.int64) + _MOST_INTERVAL + 1
    rest = (interval << 6) | (frames[second] - frames[first])
    near = np.round(tones[first]).astype(np.int64)
    other = near + np.where(tones[first] >= near, 1, -1)
    return Landmarks(near << 12 | rest, frames[first], np.maximum(other, 0) << 12 | rest)


def _pairs(frames: IntArray, tones: npt.NDArray[np.float64]) -> tuple[IntArray, IntArray]:
    """Numbers (n,) of the peaks of each pair; a peak is the first of the pairs with the nearest ones after it."""
    firsts, seconds = [], []
    for ahead in range(1, min(_LOOKED_AT, len(frames))):
        apart, interval = frames[ahead:] - frames[:-ahead], np.abs(tones[ahead:] - tones[:-ahead])
        is_pair = (apart >= _LEAST_APART) & (apart <= _MOST_APART) & (interval <= _MOST_INTERVAL)
        places = np.flatnonzero(is_pair)
        firsts.append(places)
        seconds.append(places + ahead)
    if not firsts:
        return NOTHING.frames, NOTHING.frames
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    order = np.argsort(first, kind="stable")
    first, second = first[order], second[order]
    kept = np.arange(len(first)) - np.searchsorted(first, first) < _PAIRS
    return first[kept], second[kept]


def peaks(power: FloatArray) -> tuple[IntArray, npt.NDArray[np.float64]]:
    """Frame (n,) and height (n,) in quarter tones of the points that are louder than all around them."""
    from scipy.ndimage import maximum_filter

    loud = np.log(power[:, _LOWEST_BIN:_HIGHEST_BIN] + np.float32(1e-9))
    highest = maximum_filter(loud, size=(2 * _REACH_FRAMES + 1, 2 * _REACH_BINS + 1), mode="constant", cval=-99.0)
    frames, bins = np.nonzero((loud == highest) & (loud > -19))
    inside = (bins > 0) & (bins < loud.shape[1] - 1)
    frames, bins = frames[inside], bins[inside]
    before, here, after = (loud[frames, bins + shift] for shift in (-1, 0, 1))
    curve = before - 2 * here + after
    exact = bins + _LOWEST_BIN + np.where(curve < 0, 0.5 * (before - after) / np.minimum(curve, -1e-6), 0.0)
    hertz = exact * SAMPLE_RATE / WINDOW
    tones = _QUARTER_TONES * np.log2(hertz / 150.0)
    return frames.astype(np.int64), np.clip(tones, 0.0, 250.0)
