"""One station: its hosts, its spots, its sound; and a stretch of its broadcast with the truth of every second."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from training.ad_detection.composer import programme
from training.ad_detection.composer.effects import at_level, compressed, equalised, faded, limited
from training.ad_detection.composer.passage import Passage
from training.ad_detection.composer.songs import jingle
from training.ad_detection.composer.sources import Sources
from training.ad_detection.composer.spots import spot
from training.ad_detection.corpus import Segment
from training.ad_detection.kinds import KindStretch

CODECS: Final = (
    ("mp3", ("-c:a", "libmp3lame", "-b:a", "48k")),
    ("mp3", ("-c:a", "libmp3lame", "-b:a", "96k")),
    ("mp3", ("-c:a", "libmp3lame", "-b:a", "128k")),
    ("m4a", ("-c:a", "aac", "-b:a", "64k")),
    ("ogg", ("-c:a", "libvorbis", "-q:a", "2")),
    ("opus", ("-c:a", "libopus", "-b:a", "48k")),
    ("flac", ("-c:a", "flac",)),
)  # fmt: skip


@dataclass(frozen=True)
class Broadcast:
    """Sound, its truth, and how it is to be encoded."""

    samples: FloatArray
    segments: tuple[Segment, ...]
    """Without a file's name yet."""
    kinds: tuple[KindStretch, ...]
    extension: str
    encoder: tuple[str, ...]


class Station:
    """Everything that stays the same through a station's day."""

    def __init__(self, rng: np.random.Generator, sources: Sources, name: str, spot_count: int = 8) -> None:
        self._sources = sources
        self._hosts = [sources.speaker(rng) for _ in range(int(rng.integers(1, 4)))]
        self.spots = [spot(rng, sources, self._hosts, f"{name}-spot-{number}") for number in range(spot_count)]
        self._break_jingle = _break_jingle(rng, sources) if rng.random() < 0.6 else None
        self._music_share = float(rng.choice([0.25, 0.5, 0.75]))
        self._equaliser_seed = int(rng.integers(2**31))
        self._squeeze = float(rng.uniform(1.2, 4))
        self._codec = CODECS[int(rng.integers(len(CODECS)))]

    def broadcast(self, rng: np.random.Generator, seconds: float) -> Broadcast:
        """A stretch of about this length: programmes, and a break every few minutes."""
        parts: list[Passage] = []
        while sum(len(part.samples) for part in parts) < seconds * SAMPLE_RATE:
            for _ in range(int(rng.integers(1, 4))):
                parts += self._programme(rng)
            parts += self._break(rng)
        samples, segments, kinds = _joined(rng, parts)
        extension, encoder = self._codec
        return Broadcast(self._on_air(rng, samples), tuple(segments), tuple(kinds), extension, encoder)

    def _programme(self, rng: np.random.Generator) -> list[Passage]:
        is_music = rng.random() < self._music_share
        make = programme.music if is_music else programme.talk
        parts = [make(rng, self._sources, self._hosts, float(rng.uniform(40 if is_music else 25, 150)))]
        if rng.random() < (0.15 if is_music else 0.4):
            parts.insert(0, programme.ident(rng, self._sources, self._hosts[0]))
        return parts

    def _break(self, rng: np.random.Generator) -> list[Passage]:
        chosen = rng.permutation(len(self.spots))[: int(rng.integers(2, 7))]
        parts = [self.spots[place] for place in chosen]
        if self._break_jingle is not None and rng.random() < 0.8:
            parts.insert(0, self._break_jingle)
            if rng.random() < 0.4:
                parts.append(self._break_jingle)
        return parts

    def _on_air(self, rng: np.random.Generator, samples: FloatArray) -> FloatArray:
        """The station's chain: equaliser, compressor, a level that drifts by some dB."""
        samples = equalised(samples, np.random.default_rng(self._equaliser_seed), 4)
        samples = compressed(samples, -16, self._squeeze, 0.3)
        points = rng.uniform(-3, 1, max(2, len(samples) // (60 * SAMPLE_RATE)))
        drift = np.interp(np.arange(len(samples)), np.linspace(0, len(samples), len(points)), points)
        return limited((samples * 10 ** (drift / 20)).astype(np.float32))


def _break_jingle(rng: np.random.Generator, sources: Sources) -> Passage:
    """What opens, and sometimes closes, a station's breaks."""
    seconds = float(rng.uniform(2, 5))
    tune = jingle(rng, seconds) if rng.random() < 0.7 else faded(sources.music(rng, seconds), 0.01, 0.3)
    return Passage(at_level(tune, float(rng.uniform(-18, -12))), "ad", "jingle")


def _joined(rng: np.random.Generator, parts: list[Passage]) -> tuple[FloatArray, list[Segment], list[KindStretch]]:
    """Parts on one time line, cut hard, crossfaded a little, or with a breath of silence between them."""
    total = sum(len(part.samples) for part in parts) + SAMPLE_RATE * len(parts)
    line, starts, at = np.zeros(total, dtype=np.float32), list[int](), 0
    for part in parts:
        gap = int(float(rng.choice([0.0, 0.0, 0.1, 0.3, -0.3])) * SAMPLE_RATE)
        at = max(0, at + gap) if starts else 0
        line[at : at + len(part.samples)] += part.samples
        starts.append(at)
        at += len(part.samples)
    segments, kinds = list[Segment](), list[KindStretch]()
    for part, first, after in zip(parts, starts, [*starts[1:], at], strict=True):
        start, end = first / SAMPLE_RATE, after / SAMPLE_RATE
        segments.append(Segment("", start, end, part.label, part.spot_id))
        kinds += [KindStretch("", since, until, kind) for kind, since, until in part.kinds(start, end)]
    return line[:at], segments, kinds
