"""Tunes to be heard: no two seeds share a bar."""

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE


def tune(seed: int, seconds: float) -> np.ndarray:
    """Short notes of three partials (samples,): enough peaks to be told apart."""
    rng = np.random.default_rng(seed)
    length = SAMPLE_RATE // 6
    times, fade = np.arange(length) / SAMPLE_RATE, np.exp(-np.arange(length) / 2500)
    notes = []
    for _ in range(int(seconds * 6)):
        base = 220 * 2 ** (rng.integers(0, 36) / 12)
        notes.append(sum(np.sin(2 * np.pi * base * part * times) / part for part in (1, 2, 3)) * fade)
    return (0.2 * np.concatenate(notes)).astype(np.float32)
