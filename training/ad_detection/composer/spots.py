"""Spots: fast speech over a loud bed, effects, a logo, strong compression; and the kinds that fool a classifier."""

from typing import Final

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from training.ad_detection.composer import singing
from training.ad_detection.composer.effects import (
    at_level,
    band_passed,
    coloured_noise,
    compressed,
    equalised,
    faded,
    gain,
    in_a_room,
    looped,
    mixed,
    silence,
)
from training.ad_detection.composer.passage import Passage
from training.ad_detection.composer.songs import jingle
from training.ad_detection.composer.sound_effects import sound_effect
from training.ad_detection.composer.sources import Sources, Speaker
from training.ad_detection.composer.texts import made_up_word

_SHARES: Final = {
    "spot-bed": 0.47,
    "spot-album": 0.12,
    "spot-talkshow": 0.11,
    "spot-dry": 0.11,
    "spot-effects": 0.12,
    "spot-native": 0.07,
}


def spot(rng: np.random.Generator, sources: Sources, hosts: list[Speaker], spot_id: str) -> Passage:
    """Make a spot of 10 to 40 s, always broadcast the same."""
    kind = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
    seconds = float(rng.choice([10, 15, 20, 20, 25, 30, 30, 40]) + rng.uniform(-1.5, 1.5))
    brand = made_up_word(rng).capitalize()
    if kind == "spot-native":
        return Passage(_native(rng, sources, hosts[0], seconds, brand), "ad", kind, spot_id)
    make = {"spot-bed": _bed, "spot-album": _album, "spot-talkshow": _talk_show, "spot-dry": _dry,
            "spot-effects": _effects}[kind]  # fmt: skip
    raw = make(rng, sources, seconds, brand)
    if rng.random() < 0.5 and kind != "spot-talkshow":
        logo = at_level(jingle(rng, float(rng.uniform(1.5, 3.0))), -14)
        raw = mixed(raw, logo, seconds - len(logo) / SAMPLE_RATE)
    raw = equalised(raw, rng, 4)
    hard = kind != "spot-talkshow"
    squeezed = compressed(at_level(raw, -14), -24 if hard else -16, float(rng.uniform(4, 10)) if hard else 2.5)
    return Passage(faded(at_level(squeezed, float(rng.uniform(-15, -10))), 0.01, 0.1), "ad", kind, spot_id)


def _native(rng: np.random.Generator, sources: Sources, host: Speaker, seconds: float, brand: str) -> FloatArray:
    """The host reads the sponsor's words, in the programme's sound (AD-9: hardly to be told from talk)."""
    said = at_level(host.say(rng, seconds, brand)[: int(seconds * SAMPLE_RATE)], -16)
    if rng.random() < 0.5:
        said = mixed(said, gain(sources.music(rng, len(said) / SAMPLE_RATE), float(rng.uniform(-18, -8))))
    return at_level(compressed(said, -18, float(rng.uniform(2, 4))), float(rng.uniform(-18, -13)))


def _speech(rng: np.random.Generator, sources: Sources, seconds: float, brand: str) -> FloatArray:
    """One or two announcers, without the pauses of talk."""
    speakers = [sources.speaker(rng) for _ in range(int(rng.choice([1, 1, 2])))]
    share = seconds / len(speakers)
    said = [at_level(speaker.say(rng, share, brand)[: int(share * SAMPLE_RATE)], -16) for speaker in speakers]
    return looped(np.concatenate(said), seconds)


def _bed(rng: np.random.Generator, sources: Sources, seconds: float, brand: str) -> FloatArray:
    bed = gain(sources.music(rng, seconds), float(rng.uniform(-9, 1)))
    lead = float(rng.choice([0.0, 0.0, 0.5, 2.0]))
    rest = float(rng.choice([0.0, 0.0, 1.0, 3.0]))
    result = mixed(bed, _speech(rng, sources, seconds - lead - rest, brand), lead)
    for _ in range(int(rng.choice([0, 0, 1, 1, 2, 3]))):
        result = mixed(result, sound_effect(rng), float(rng.choice([0.0, rng.uniform(0, seconds - 1)])))
    if rng.random() < 0.15:
        slogan = singing.sung(sources.speaker(rng).say(rng, 2.0, brand)[: 3 * SAMPLE_RATE], rng)
        result = mixed(result, at_level(slogan, -14), seconds - 3)
    return result


def _album(rng: np.random.Generator, sources: Sources, seconds: float, brand: str) -> FloatArray:
    """Pieces of songs, hard cut, an announcer between and over them (AD-9: taken for music)."""
    result, at = silence(seconds), 0.0
    while at < seconds:
        length = float(rng.uniform(3, 7))
        result = mixed(result, faded(sources.music(rng, length), 0.02, 0.1), at)
        said = sources.speaker(rng).say(rng, 1.5, brand)[: int(rng.uniform(1.5, 3.5) * SAMPLE_RATE)]
        result = mixed(result, at_level(said, -12), at + length * rng.uniform(0.2, 0.7))
        at += length
    return result


def _talk_show(rng: np.random.Generator, sources: Sources, seconds: float, brand: str) -> FloatArray:
    """Two people chat about a product, hardly produced (AD-9: taken for talk)."""
    people, parts = [sources.speaker(rng), sources.speaker(rng)], list[FloatArray]()
    while sum(len(part) for part in parts) < seconds * SAMPLE_RATE:
        turn = people[len(parts) % 2].say(rng, float(rng.uniform(2, 5)), brand if len(parts) % 3 == 0 else None)
        parts.append(at_level(turn[: int(7 * SAMPLE_RATE)], -17))
    return in_a_room(np.concatenate(parts)[: int(seconds * SAMPLE_RATE)], rng, 0.3, 0.1)


def _dry(rng: np.random.Generator, sources: Sources, seconds: float, brand: str) -> FloatArray:
    return _speech(rng, sources, seconds, brand)


def _effects(rng: np.random.Generator, sources: Sources, seconds: float, brand: str) -> FloatArray:
    """Speech among sounds: whooshes, bells, a street, a voice on the telephone."""
    result = mixed(gain(coloured_noise(rng, seconds, rng.uniform(0.5, 2)), rng.uniform(-12, -2)),
                   _speech(rng, sources, seconds, brand))  # fmt: skip
    for _ in range(int(rng.integers(2, 7))):
        result = mixed(result, sound_effect(rng), float(rng.uniform(0, seconds - 1)))
    if rng.random() < 0.3:
        half = len(result) // 2
        result[:half] = band_passed(result[:half], 350, 3300)
    return result
