"""Sound to frames: a spectrum every 20 ms, streamed. One implementation for training, recordings and live (AD-2).

Pushing a signal in any chunks gives the same frames as pushing it at once.
"""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

SAMPLE_RATE: Final = 22_050
WINDOW: Final = 1024
"""Samples under one window: 46 ms, as the seed's 50 ms."""
HOP: Final = 441
"""Samples from frame to frame: 20 ms."""
FRAMES_A_SECOND: Final = SAMPLE_RATE // HOP
MEL_BANDS: Final = 64
_LOWEST_HZ: Final = 40.0
_HIGHEST_HZ: Final = 11_000.0
_FLOOR: Final = 1e-9
_AT_ONCE: Final = 2048


class SpectrumStream:
    """Power spectra of overlapping windows; frame i is centred on second ``i / FRAMES_A_SECOND``."""

    def __init__(self) -> None:
        self._rest = np.zeros(WINDOW // 2, dtype=np.float32)  # centres the first window on the first sample

    def push(self, samples: FloatArray) -> FloatArray:
        """Take more samples (n,); return the power spectra (frames, WINDOW // 2 + 1) that are now complete."""
        signal = np.concatenate([self._rest, samples])
        count = max(0, (len(signal) - WINDOW) // HOP + 1)
        self._rest = signal[count * HOP :].copy()
        parts = [
            _power(signal[first * HOP : (min(first + _AT_ONCE, count) - 1) * HOP + WINDOW])
            for first in range(0, count, _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, WINDOW // 2 + 1), dtype=np.float32)

    def finish(self) -> FloatArray:
        """The last frames, with silence after the end."""
        return self.push(np.zeros(WINDOW // 2, dtype=np.float32))


def log_mel(power: FloatArray) -> FloatArray:
    """Natural logarithms of mel band energies (frames, MEL_BANDS) of power spectra; silence is about -21."""
    return np.asarray(np.log(power @ mel_filters(MEL_BANDS) + np.float32(_FLOOR)), dtype=np.float32)


@cache
def mel_filters(bands: int) -> FloatArray:
    """Triangles (WINDOW // 2 + 1, bands), equally wide on the mel scale (O'Shaughnessy 1987), each with sum 1."""
    edges = _hertz(np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), bands + 2))
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0.0, np.minimum(rising, falling))
    empty = filters.sum(axis=0) == 0  # narrower than a bin: the nearest bin stands for the band
    nearest = np.abs(bins - edges[1:-1]).argmin(axis=0)
    filters[nearest[empty], np.flatnonzero(empty)] = 1.0
    return np.asarray(filters / filters.sum(axis=0), dtype=np.float32)


def _power(signal: FloatArray) -> FloatArray:
    windows = np.lib.stride_tricks.sliding_window_view(signal, WINDOW)[::HOP]
    from scipy.fft import rfft

    spectrum = rfft(windows * _hann(), axis=1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2, dtype=np.float32)


@cache
def _hann() -> FloatArray:
    window = np.hanning(WINDOW + 1)[:-1]
    return np.asarray(window / window.sum() * 2, dtype=np.float32)  # a full-scale sine has power 1


def _mel(hertz: float) -> float:
    return float(1127.0 * np.log1p(hertz / 700.0))


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return 700.0 * np.expm1(mel / 1127.0)
