"""Sounds that spots are full of: whooshes, bells, beeps, rings, thumps, risers. About a second each."""

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from training.ad_detection.composer.effects import at_level, coloured_noise
from training.ad_detection.composer.songs import jingle


def sound_effect(rng: np.random.Generator) -> FloatArray:
    """One of them at a level of about -15 dB."""
    make = (whoosh, _bell, _beeps, _ring, _thump, _riser)[int(rng.choice(6, p=(0.3, 0.15, 0.15, 0.1, 0.15, 0.15)))]
    return at_level(make(rng), float(rng.uniform(-20, -11)))


def whoosh(rng: np.random.Generator) -> FloatArray:
    length = float(rng.uniform(0.4, 1.5))
    noise = coloured_noise(rng, length, rng.uniform(0, 1.5))
    return (noise * np.hanning(len(noise)).astype(np.float32)) * np.float32(3)


def _bell(rng: np.random.Generator) -> FloatArray:
    return jingle(rng, float(rng.uniform(0.8, 1.6)))


def _beeps(rng: np.random.Generator) -> FloatArray:
    times = _times(float(rng.uniform(0.3, 1.0)))
    gate = np.sin(2 * np.pi * float(rng.uniform(3, 9)) * times) > 0
    return np.asarray(np.sin(2 * np.pi * float(rng.uniform(500, 2500)) * times) * gate * 0.3, dtype=np.float32)


def _ring(rng: np.random.Generator) -> FloatArray:
    times = _times(1.0)
    first, second = rng.uniform(400, 1200, 2)
    tone = np.sin(2 * np.pi * first * times) + np.sin(2 * np.pi * second * times)
    return np.asarray(tone * (np.sin(2 * np.pi * 20 * times) > -0.3) * 0.2, dtype=np.float32)


def _thump(rng: np.random.Generator) -> FloatArray:
    times = _times(float(rng.uniform(0.5, 1.5)))
    tone = np.sin(2 * np.pi * 50 * times * (1 + np.exp(-20 * times))) + 0.5 * rng.normal(size=len(times))
    return np.asarray(tone * np.exp(-float(rng.uniform(4, 12)) * times) * 0.5, dtype=np.float32)


def _riser(rng: np.random.Generator) -> FloatArray:
    seconds = float(rng.uniform(0.5, 2.0))
    times = _times(seconds)
    low, high = float(rng.uniform(150, 500)), float(rng.uniform(900, 4000))
    low, high = (low, high) if rng.random() < 0.7 else (high, low)
    phase = np.cumsum(low * (high / low) ** (times / seconds)) / SAMPLE_RATE
    return np.asarray((np.sin(2 * np.pi * phase) * 0.3 * times / seconds), dtype=np.float32)


def _times(seconds: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
