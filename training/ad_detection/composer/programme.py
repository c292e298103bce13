"""What a station sends between its breaks: talk of several kinds, music of several kinds, idents."""

from typing import Final

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from training.ad_detection.composer import singing
from training.ad_detection.composer.effects import (
    at_level,
    band_passed,
    coloured_noise,
    compressed,
    faded,
    gain,
    in_a_room,
    mixed,
)
from training.ad_detection.composer.passage import Passage
from training.ad_detection.composer.songs import jingle
from training.ad_detection.composer.sources import Sources, Speaker

_TALK: Final = {"talk-plain": 0.36, "phone-in": 0.14, "talk-over-bed": 0.24, "talk-noisy": 0.2, "talk-in-room": 0.06}


def talk(rng: np.random.Generator, sources: Sources, hosts: list[Speaker], seconds: float) -> Passage:
    """Hosts and guests in turns: dry, on the telephone, over a soft bed, in a room, in the street."""
    kind = str(rng.choice(list(_TALK), p=list(_TALK.values())))
    guest, is_lively = sources.speaker(rng), rng.random() < 0.15
    parts: list[FloatArray] = []
    while sum(map(len, parts)) < seconds * SAMPLE_RATE:
        is_guest = len(parts) % 2 == 1 and rng.random() < 0.7
        speaker = guest if is_guest else hosts[int(rng.integers(len(hosts)))]
        turn = at_level(speaker.say(rng, float(rng.uniform(4, 22)), is_fast=is_lively), -18 + rng.uniform(-2, 2))
        if is_guest and kind == "phone-in":
            turn = at_level(band_passed(turn, 300, 3400), -19 + rng.uniform(-3, 3))
        parts.append(turn)
    said = _around(rng, sources, np.concatenate(parts)[: int(seconds * SAMPLE_RATE)], kind)
    squeezed = compressed(said, float(rng.uniform(-24, -14)), float(rng.uniform(1.2, 6)), 0.25)
    return Passage(at_level(squeezed, float(rng.uniform(-20, -14))), "talk", kind)


def music(rng: np.random.Generator, sources: Sources, hosts: list[Speaker], seconds: float) -> Passage:
    """A song: instrumental, sung, or rhythmic speech over beats; sometimes a host talks over its first seconds."""
    chance = rng.random()
    kind = "music-rap" if chance < 0.15 else "music-sung" if chance < 0.5 else "music-instrumental"
    if kind == "music-rap":
        piece = singing.rapped(rng, sources, seconds)
    else:
        piece = sources.music(rng, seconds)
        if kind == "music-sung":
            piece = singing.with_voice(rng, sources, piece, seconds)
    if rng.random() < 0.6:
        piece = compressed(piece, float(rng.uniform(-26, -16)), float(rng.uniform(1.5, 10)), 0.2)
    piece = faded(piece, float(rng.choice([0.02, 2.0])), float(rng.choice([0.05, 0.3, 4.0])))
    piece = at_level(piece, float(rng.uniform(-20, -11)))
    if rng.random() < 0.2:
        over = hosts[0].say(rng, float(rng.uniform(2, 5)))[: int(8 * SAMPLE_RATE)]
        piece[: len(over)] *= np.float32(rng.uniform(0.25, 0.6))
        piece = mixed(piece, at_level(over, -17 + rng.uniform(-2, 3)))
        return Passage(piece, "music", kind, opening=("talk-over-intro", len(over) / SAMPLE_RATE))
    return Passage(piece, "music", kind)


def ident(rng: np.random.Generator, sources: Sources, host: Speaker) -> Passage:
    """The station's name over its logo or a few bars: a few seconds that open a programme."""
    seconds = float(rng.uniform(3, 7))
    logo = jingle(rng, min(seconds, 5.0)) if rng.random() < 0.7 else sources.music(rng, seconds)
    said = host.say(rng, 1.5)[: int(min(3.5, seconds - 1) * SAMPLE_RATE)]
    level = float(rng.uniform(-24, -15))
    whole = mixed(faded(at_level(logo, level), 0.01, 0.5), at_level(said, -15), float(rng.uniform(0.2, 0.8)))
    return Passage(whole, "talk", "ident")


def _around(rng: np.random.Generator, sources: Sources, said: FloatArray, kind: str) -> FloatArray:
    seconds = len(said) / SAMPLE_RATE
    if kind == "talk-over-bed":
        return mixed(said, gain(sources.music(rng, seconds), float(rng.uniform(-22, -9))))
    if kind == "talk-noisy":
        return mixed(said, gain(_crowd(rng, sources, seconds), float(rng.uniform(-20, -2))))
    if kind == "talk-in-room":
        return in_a_room(said, rng, float(rng.uniform(0.3, 1.2)), float(rng.uniform(0.1, 0.4)))
    return said if rng.random() < 0.7 else mixed(said, gain(coloured_noise(rng, seconds, 1.0), -26))


def _crowd(rng: np.random.Generator, sources: Sources, seconds: float) -> FloatArray:
    """A street, a hall, a stadium: noise that swells, or people who all talk at once."""
    length = int(seconds * SAMPLE_RATE)
    if rng.random() < 0.35:
        voices = [sources.speaker(rng).say(rng, min(12.0, seconds), is_fast=True) for _ in range(4)]
        heard = sum(np.resize(voice, length) for voice in voices)
        noise = at_level(in_a_room(np.asarray(heard, dtype=np.float32), rng, 0.8, 0.6), -20)
    else:
        noise = coloured_noise(rng, seconds, float(rng.uniform(0.3, 2)))
    swell = np.interp(np.arange(length), np.linspace(0, length, 20), rng.uniform(0.4, 1.0, 20))
    return (noise[:length] * swell[: len(noise)]).astype(np.float32)
