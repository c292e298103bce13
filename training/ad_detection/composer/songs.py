"""Music out of generators: chords, bass, drums and a tune in a dozen styles, with and without a voice."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.algorithms.audio.frames import FloatArray
from training.ad_detection.composer.effects import equalised, in_a_room
from training.ad_detection.composer.midi import DRUMS, Score, play

_SCALES: Final = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 7, 9))
_KICK, _SNARE, _CLAP, _HAT, _OPEN, _CRASH, _RIDE, _TOM = 36, 38, 39, 42, 46, 49, 51, 45


@dataclass(frozen=True)
class Style:
    """What a kind of music is made of; programs are General MIDI's."""

    name: str
    tempo: tuple[int, int]
    chords: tuple[int, ...]
    bass: tuple[int, ...]
    tune: tuple[int, ...]
    kick: str
    """Steps of a bar of 16 at which a drum sounds, as x; empty: no drums."""
    snare: str = ""
    hat: str = ""
    arpeggio: float = 0.3
    """Share of bars whose chord is broken into single notes."""
    tune_share: float = 0.6


_ROCK, _BACKBEAT, _FOUR = "x.....x.x.x.....", "....x.......x...", "x...x...x...x..."
_EIGHTHS, _OFFBEATS = "x.x.x.x.x.x.x.x.", "..x...x...x...x."
STYLES: Final = (
    Style("rock", (105, 150), (29, 30, 27), (33, 34), (30, 29, 81), _ROCK, _BACKBEAT, _EIGHTHS),
    Style("pop", (90, 125), (0, 4, 25, 88), (33, 38), (80, 73, 11, 53), _FOUR, _BACKBEAT, _OFFBEATS),
    Style(
        "hip-hop",
        (76, 98),
        (4, 48, 11, 89),
        (38, 39, 87),
        (12, 80, 75),
        "x..x......xx....",
        _BACKBEAT,
        "x.xxx.x.x.xxx.xx",
        0.2,
        0.3,
    ),
    Style("electronic", (118, 140), (81, 90, 50, 62), (38, 39), (81, 80, 87), _FOUR, _BACKBEAT, _OFFBEATS, 0.7),
    Style("classical", (60, 130), (48, 49, 0, 6), (42, 43, 58), (40, 73, 68, 71), "", arpeggio=0.6, tune_share=0.9),
    Style("folk", (80, 130), (24, 25, 105), (32,), (22, 110, 72, 24), "", arpeggio=0.7),
    Style(
        "jazz",
        (95, 180),
        (0, 26, 4),
        (32,),
        (65, 66, 56, 11),
        "x.........x.....",
        "......x.......x.",
        "x...x.x.x...x.x.",
        0.1,
        0.8,
    ),
    Style("ballad", (60, 80), (0, 4, 24, 48), (33, 35), (52, 53, 73, 40), "x.......x.......", _BACKBEAT, _EIGHTHS, 0.6),
    Style(
        "latin",
        (95, 125),
        (24, 0, 61),
        (32, 35),
        (56, 73, 22),
        "x..x....x..x....",
        "...x..x....x..x.",
        "xxxxxxxxxxxxxxxx",
        0.4,
    ),
    Style("ambient", (50, 75), (89, 91, 95, 94), (89, 48), (99, 78, 88), "", arpeggio=0.2, tune_share=0.3),
    Style("orchestra", (80, 140), (48, 61, 60), (43, 58), (56, 60, 40, 73), "x.......x.......", "", "", 0.3, 0.8),
    Style("organ and choir", (60, 100), (19, 52, 16), (19, 43), (52, 19, 53), "", arpeggio=0.2, tune_share=0.7),
)


def song(rng: np.random.Generator, seconds: float, style: Style | None = None) -> FloatArray:
    """A piece of music of this length; parts of eight bars come and go, so it has intros, breaks and refrains."""
    style = style or STYLES[rng.integers(len(STYLES))]
    return _produced(rng, play(_score(rng, seconds, style), seconds))


def _produced(rng: np.random.Generator, piece: FloatArray) -> FloatArray:
    """What a studio makes of the same notes: a room, a distorted amplifier, an equaliser."""
    if rng.random() < 0.3:
        piece = in_a_room(piece, rng, float(rng.uniform(0.4, 2.0)), float(rng.uniform(0.1, 0.4)))
    if rng.random() < 0.15:
        piece = np.tanh(piece * np.float32(rng.uniform(2, 8))) * np.float32(0.8)
    return equalised(piece, rng, 6) if rng.random() < 0.5 else piece


def jingle(rng: np.random.Generator, seconds: float) -> FloatArray:
    """A short logo of a few bright notes over a chord."""
    score, root = Score(), int(rng.integers(55, 70))
    score.programs = {0: int(rng.choice([8, 9, 11, 12, 14, 80, 98, 56, 61])), 1: int(rng.choice([48, 50, 61, 90]))}
    scale = _SCALES[int(rng.integers(len(_SCALES)))]
    count = int(rng.integers(3, 8))
    for place in range(count):
        at = place * seconds * 0.6 / count
        score.add(at, seconds * 0.5, 0, root + 12 + scale[int(rng.integers(len(scale)))], rng.integers(90, 127))
    for note in (0, 4, 7):
        score.add(seconds * 0.45, seconds * 0.5, 1, root + note, 100)
    score.add(seconds * 0.45, 1.0, DRUMS, _CRASH, 100)
    return play(score, seconds)


def _score(rng: np.random.Generator, seconds: float, style: Style) -> Score:
    score = Score({0: _one(rng, style.chords), 1: _one(rng, style.bass), 2: _one(rng, style.tune)})
    if rng.random() < 0.35:  # other instruments than the style's
        score.programs = {channel: int(rng.integers(0, 112)) for channel in (0, 1, 2)}
    score.volumes = {channel: int(rng.integers(70, 127)) for channel in (0, 1, 2, DRUMS)}
    if rng.random() < 0.15:  # one instrument alone
        score.volumes |= dict.fromkeys([each for each in (0, 1, 2, DRUMS) if each != rng.choice([0, 2])], 0)
    step = 60.0 / rng.integers(*style.tempo) / 4
    root, scale = int(rng.integers(36, 48)), _SCALES[int(rng.integers(len(_SCALES)))]
    verses = [rng.integers(0, len(scale), 4) for _ in range(2)]
    tunes = [rng.integers(-3, 9, 32) for _ in range(2)]
    rests = [rng.random(32) < 0.45 for _ in range(2)]
    bars = int(seconds / (16 * step)) + 1
    plays = {"drums": True, "tune": True}
    for bar in range(bars):
        part = (bar // 8) % 2
        if bar % 8 == 0:
            plays = {"drums": rng.random() < 0.85, "tune": rng.random() < style.tune_share}
        at = bar * 16 * step
        degree = int(verses[part][bar % 4])
        _chord(rng, score, at, step, style, [root + 12 + _degree(scale, degree + third) for third in (0, 2, 4)])
        for beat in range(0, 16, 4 if style.kick else 8):
            score.add(at + beat * step, step * 3.6, 1, root + _degree(scale, degree), rng.integers(80, 110))
        if plays["tune"]:
            for place in np.flatnonzero(~rests[part][bar % 2 * 16 : bar % 2 * 16 + 16])[::2]:
                pitch = root + 24 + _degree(scale, int(tunes[part][bar % 2 * 16 + place]))
                score.add(at + place * step, step * rng.uniform(1.5, 3.5), 2, pitch, rng.integers(75, 115))
        if plays["drums"]:
            _drums(rng, score, at, step, style)
    return score


def _chord(rng: np.random.Generator, score: Score, at: float, step: float, style: Style, pitches: list[int]) -> None:
    if rng.random() < style.arpeggio:
        for place in range(0, 16, 2):
            score.add(at + place * step, step * 2.5, 0, pitches[place // 2 % len(pitches)] + 12, rng.integers(60, 95))
        return
    places = (0,) if style.tempo[0] < 75 else (0, 8) if rng.random() < 0.5 else (0, 3, 6, 10)
    for place in places:
        for pitch in pitches:
            score.add(at + place * step, step * 14 / len(places), 0, pitch + 12, rng.integers(60, 95))


def _drums(rng: np.random.Generator, score: Score, at: float, step: float, style: Style) -> None:
    snare = _CLAP if style.name in ("hip-hop", "electronic") and rng.random() < 0.5 else _SNARE
    for pattern, drum in ((style.kick, _KICK), (style.snare, snare), (style.hat, _HAT)):
        for place, mark in enumerate(pattern):
            if mark == "x" and rng.random() < 0.95:
                score.add(at + place * step, 0.1, DRUMS, drum, rng.integers(70, 120))
    if style.kick and rng.random() < 0.12:
        for place in range(12, 16):
            score.add(at + place * step, 0.1, DRUMS, _TOM - place % 3, 110)


def _degree(scale: tuple[int, ...], degree: int) -> int:
    octave, place = divmod(degree, len(scale))
    return 12 * octave + scale[place]


def _one(rng: np.random.Generator, programs: tuple[int, ...]) -> int:
    return int(programs[int(rng.integers(len(programs)))])
