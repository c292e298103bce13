"""Electronic music without a soundfont: oscillators, filters and drums computed here, so that timbres differ more."""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.signal import butter, sosfilt

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray

_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
_MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
_KICKS: Final = ("x...x...x...x...", "x..x......xx....", "x.....x.x.......", "x...x..x..x.x...", "x.......x.x.....")
_SNARES: Final = ("....x.......x...", "....x.......x..x", "............x...", "....x..x....x...")
_HATS: Final = ("x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx", "..x...x...x...x.", "x.xxx.x.x.xxx.xx")


def electronic(rng: np.random.Generator, seconds: float) -> FloatArray:
    """A piece of this length: bass, pad and arpeggio over drums, whose parts come and go every four bars; peak 0.9."""
    step = 60.0 / float(rng.integers(70, 150)) / 4
    root, scale = int(rng.integers(33, 46)), _MINOR if rng.random() < 0.6 else _MAJOR
    degrees = rng.integers(0, 7, 4)
    bass, lead = _voice(rng, 3 * step), _voice(rng, 2 * step)
    pad, drums = _voice(rng, 18 * step, slow=True), _drums(rng)
    walk, low = rng.integers(0, 3, 16) * 2, np.array(list(rng.choice(_KICKS))) == "x"
    bars = int(seconds / (16 * step)) + 1
    line = np.zeros(int((bars * 16 + 40) * step * SAMPLE_RATE), dtype=np.float32)
    length = int(16 * step * SAMPLE_RATE)

    def tone(degree: int) -> int:
        return root + 12 * (degree // 7) + scale[degree % 7]

    for bar in range(bars):
        at, degree = bar * length, int(degrees[bar % 4])
        if bar % 4 == 0:
            has_drums, has_lead, has_pad = rng.random(3) < (0.8, 0.6, 0.7)
        hits = [(bass(tone(degree)), 0.5, np.flatnonzero(low))]
        if has_lead:
            hits += [(lead(tone(degree + int(walk[place])) + 24), 0.22, np.array([place])) for place in range(16)]
        if has_pad:
            hits += [(pad(tone(degree + third) + 12), 0.15, np.array([0])) for third in (0, 2, 4)]
        if has_drums:
            loud = float(rng.uniform(0.5, 0.8))
            hits += [(sound, loud, np.flatnonzero(np.array(list(pattern)) == "x")) for pattern, sound in drums]
        for sound, level, places in hits:
            for place in places:
                _lay(line, sound, at + int(place) * length // 16, level)
    whole = np.tanh(line[: int(seconds * SAMPLE_RATE)] * np.float32(rng.uniform(0.8, 2.0)))
    return np.asarray(whole * np.float32(0.9 / max(1e-6, float(np.abs(whole).max()))), dtype=np.float32)


def _voice(rng: np.random.Generator, seconds: float, slow: bool = False) -> Callable[[int], FloatArray]:
    """An instrument: pitch (MIDI) to a note, computed once."""
    kind, detune = int(rng.integers(4)), float(rng.uniform(0.001, 0.01))
    cut, fall, index = float(rng.uniform(600, 6000)), float(rng.uniform(2, 12)), float(rng.uniform(1, 6))
    ratio = float(rng.choice([0.5, 1, 2, 3, 1.41]))
    times = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    attack = 0.15 * seconds if slow else 0.004
    shape = np.minimum(1, times / attack) * (1 if slow else np.exp(-fall * times))
    shape = shape * np.minimum(1, (seconds - times) / (0.1 * seconds))
    filters = butter(2, min(cut, SAMPLE_RATE * 0.45), fs=SAMPLE_RATE, output="sos")
    known: dict[int, FloatArray] = {}

    def note(pitch: int) -> FloatArray:
        if pitch not in known:
            phase = 440 * 2 ** ((pitch - 69) / 12) * times
            if kind == 0:
                wave = sum(2 * (phase * (1 + spread) % 1) - 1 for spread in (-detune, 0, detune)) / 2
            elif kind == 1:
                wave = np.sign(np.sin(2 * np.pi * phase)) * 0.7 + np.sin(2 * np.pi * phase * (1 + detune)) * 0.3
            elif kind == 2:
                wave = np.sin(2 * np.pi * phase + index * np.exp(-3 * times) * np.sin(2 * np.pi * ratio * phase))
            else:
                wave = np.sin(2 * np.pi * phase) + 0.4 * np.sin(4 * np.pi * phase) + 0.2 * np.sin(6 * np.pi * phase)
            known[pitch] = np.asarray(sosfilt(filters, wave * shape), dtype=np.float32)
        return known[pitch]

    return note


def _drums(rng: np.random.Generator) -> list[tuple[str, FloatArray]]:
    """(pattern, sound) of kick, snare and hat."""
    times = np.arange(int(0.4 * SAMPLE_RATE)) / SAMPLE_RATE
    noise = rng.normal(size=len(times))
    high, low = float(rng.uniform(100, 250)), float(rng.uniform(40, 60))
    kick = np.sin(2 * np.pi * (low * times + (high - low) / 30 * (1 - np.exp(-30 * times))))
    kick = kick * np.exp(-float(rng.uniform(5, 20)) * times)
    bright = sosfilt(butter(2, 6000, "highpass", fs=SAMPLE_RATE, output="sos"), noise)
    hat = bright * np.exp(-float(rng.uniform(25, 90)) * times) * 0.6
    body = np.sin(2 * np.pi * float(rng.uniform(150, 250)) * times) * np.exp(-25 * times)
    snare = (0.5 * noise * np.exp(-float(rng.uniform(10, 30)) * times) + 0.5 * body) * 0.7
    patterns = (str(rng.choice(_KICKS)), str(rng.choice(_SNARES)), str(rng.choice(_HATS)))
    sounds = [np.asarray(sound, dtype=np.float32) for sound in (kick, snare, hat)]
    return list(zip(patterns, sounds, strict=True))


def _lay(line: FloatArray, sound: FloatArray, at: int, level: float) -> None:
    part = sound[: max(0, len(line) - at)]
    line[at : at + len(part)] += part * np.float32(level)
