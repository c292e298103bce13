"""Voices in music: a speech's formants over a tune (a channel vocoder), and rhythmic speech over beats."""

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from training.ad_detection.composer.effects import at_level, in_a_room, mixed, silence
from training.ad_detection.composer.sources import Sources

_WINDOW, _HOP = 1024, 256


def sung(speech: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The speech's envelope laid on a sawtooth that holds notes and slides between them, with vibrato."""
    length = len(speech)
    if length < 4 * _WINDOW:
        return speech
    notes = 110 * 2 ** ((rng.integers(0, 20) + rng.choice([0, 2, 4, 5, 7, 9, 12], length // 6000 + 2)) / 12)
    pitch = np.interp(np.arange(length), np.arange(len(notes)) * 6000 + 5200, notes)
    held = np.repeat(notes, 6000)[:length]
    pitch = np.where(np.arange(length) % 6000 < 5200, held, pitch)
    vibrato = 1 + 0.012 * np.sin(2 * np.pi * 5.5 * np.arange(length) / SAMPLE_RATE)
    phase = np.cumsum(pitch * vibrato / SAMPLE_RATE)
    carrier = (2 * (phase % 1) - 1 + 0.05 * rng.normal(size=length)).astype(np.float32)
    return _vocoded(speech, carrier)


def with_voice(rng: np.random.Generator, sources: Sources, music: FloatArray, seconds: float) -> FloatArray:
    """Music with somebody singing for about half of the time."""
    speaker, at = sources.speaker(rng), rng.uniform(2, 12)
    result = music
    while at < seconds - 6:
        phrase = float(rng.uniform(4, 14))
        said = speaker.say(rng, phrase)[: int(phrase * SAMPLE_RATE)]
        voice = at_level(in_a_room(sung(said, rng), rng, 0.8, 0.3), -18 + rng.uniform(-4, 4))
        result = mixed(result, voice, at)
        at += phrase + rng.uniform(1, 12)
    return result


def rapped(rng: np.random.Generator, sources: Sources, seconds: float) -> FloatArray:
    """Hip-hop: a beat, and words that start on its sixteenths; music, though it is speech over music (AD-9)."""
    beat = sources.music(rng, seconds, "hip-hop")
    speaker = sources.speaker(rng)
    said = speaker.say(rng, seconds, brand="")
    step, at, place = 60 / rng.integers(78, 98) / 2, rng.uniform(2, 8), 0
    voice = silence(seconds)
    while at < seconds - 2 and place < len(said):
        word = int(step * rng.choice([1, 1, 2]) * SAMPLE_RATE)
        piece = said[place : place + word] * np.hanning(min(word, len(said) - place)) ** 0.3
        voice = mixed(voice, piece.astype(np.float32), at)
        place += word
        at += word / SAMPLE_RATE + (step * 4 if rng.random() < 0.08 else 0)
    return mixed(beat, at_level(voice, -17 + rng.uniform(-3, 3)))


def _vocoded(speech: FloatArray, carrier: FloatArray) -> FloatArray:
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import istft, stft

    _, _, said = stft(speech, nperseg=_WINDOW, noverlap=_WINDOW - _HOP)
    _, _, held = stft(carrier[: len(speech)], nperseg=_WINDOW, noverlap=_WINDOW - _HOP)
    envelope = uniform_filter1d(np.abs(said), 11, axis=0)
    flat = held / (uniform_filter1d(np.abs(held), 25, axis=0) + 1e-6)
    _, result = istft(envelope * flat, nperseg=_WINDOW, noverlap=_WINDOW - _HOP)
    return np.asarray(result[: len(speech)], dtype=np.float32)
