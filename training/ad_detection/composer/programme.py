"""What a station sends between its breaks: talk of several kinds, music of several kinds, idents."""

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
from training.ad_detection.composer.songs import jingle
from training.ad_detection.composer.sources import Sources, Speaker


def talk(rng: np.random.Generator, sources: Sources, hosts: list[Speaker], seconds: float) -> FloatArray:
    """Hosts and guests in turns: dry, on the telephone, over a soft bed, in a room, in the street."""
    guest = sources.speaker(rng)
    is_phone_in = rng.random() < 0.3
    parts: list[FloatArray] = []
    while sum(map(len, parts)) < seconds * SAMPLE_RATE:
        is_guest = len(parts) % 2 == 1 and rng.random() < 0.7
        speaker = guest if is_guest else hosts[int(rng.integers(len(hosts)))]
        turn = at_level(speaker.say(rng, float(rng.uniform(4, 22))), -18)
        if is_guest and is_phone_in:
            turn = at_level(band_passed(turn, 300, 3400), -19)
        parts.append(turn)
    said = np.concatenate(parts)[: int(seconds * SAMPLE_RATE)]
    return compressed(_around(rng, sources, said, seconds), -18, float(rng.uniform(1.5, 4)), 0.25)


def _around(rng: np.random.Generator, sources: Sources, said: FloatArray, seconds: float) -> FloatArray:
    kind = rng.random()
    if kind < 0.45:
        return said
    if kind < 0.65:
        return mixed(said, gain(sources.music(rng, seconds), float(rng.uniform(-18, -9))))
    if kind < 0.85:
        noise = coloured_noise(rng, seconds, rng.uniform(0.5, 2))
        slow = np.interp(np.arange(len(noise)), np.linspace(0, len(noise), 20), rng.uniform(0.4, 1.0, 20))
        return mixed(said, gain(noise * slow.astype(np.float32), float(rng.uniform(-20, -3))))
    return in_a_room(said, rng, float(rng.uniform(0.3, 1.2)), float(rng.uniform(0.1, 0.4)))


def music(rng: np.random.Generator, sources: Sources, hosts: list[Speaker], seconds: float) -> FloatArray:
    """A song: instrumental, sung, or rhythmic speech over beats; sometimes a host talks over its first seconds."""
    kind = rng.random()
    if kind < 0.15:
        piece = singing.rapped(rng, sources, seconds)
    else:
        piece = sources.music(rng, seconds)
        if kind < 0.45:
            piece = singing.with_voice(rng, sources, piece, seconds)
    if rng.random() < 0.5:
        piece = compressed(piece, -20, float(rng.uniform(1.5, 5)), 0.2)
    piece = faded(piece, float(rng.choice([0.02, 2.0])), float(rng.choice([0.3, 4.0])))
    piece = at_level(piece, float(rng.uniform(-20, -12)))
    if rng.random() < 0.2:
        over = hosts[0].say(rng, 3.0)[: 6 * SAMPLE_RATE]
        piece[: len(over)] *= np.float32(0.4)
        piece = mixed(piece, at_level(over, -17))
    return piece


def ident(rng: np.random.Generator, host: Speaker) -> FloatArray:
    """The station's name over its logo: a few seconds that open a programme."""
    logo = at_level(jingle(rng, float(rng.uniform(3, 5))), -17)
    return mixed(logo, at_level(host.say(rng, 1.5)[: int(2.5 * SAMPLE_RATE)], -15), 0.6)
