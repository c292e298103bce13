"""One station: its hosts, its spots, its sound; and a stretch of its broadcast with the truth of every second."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from training.ad_detection.composer import programme
from training.ad_detection.composer.effects import at_level, compressed, equalised, limited
from training.ad_detection.composer.songs import jingle
from training.ad_detection.composer.sources import Sources
from training.ad_detection.composer.spots import Spot, spot
from training.ad_detection.corpus import Label, Segment

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
    extension: str
    encoder: tuple[str, ...]


class Station:
    """Everything that stays the same through a station's day."""

    def __init__(self, rng: np.random.Generator, sources: Sources, name: str, spot_count: int = 8) -> None:
        self._sources = sources
        self._hosts = [sources.speaker(rng) for _ in range(int(rng.integers(1, 4)))]
        self.spots: list[Spot] = [spot(rng, sources, f"{name}-spot-{number}") for number in range(spot_count)]
        self._break_jingle = at_level(jingle(rng, float(rng.uniform(2, 4))), -15) if rng.random() < 0.6 else None
        self._music_share = float(rng.choice([0.25, 0.5, 0.75]))
        self._equaliser_seed = int(rng.integers(2**31))
        self._squeeze = float(rng.uniform(1.2, 4))
        self._codec = CODECS[int(rng.integers(len(CODECS)))]

    def broadcast(self, rng: np.random.Generator, seconds: float) -> Broadcast:
        """A stretch of about this length: programmes, and a break every few minutes."""
        parts: list[tuple[FloatArray, Label, str | None]] = []
        while sum(len(part) for part, _, _ in parts) < seconds * SAMPLE_RATE:
            for _ in range(int(rng.integers(1, 4))):
                parts += self._programme(rng)
            parts += self._break(rng)
        samples, segments = _joined(rng, parts)
        extension, encoder = self._codec
        return Broadcast(self._on_air(rng, samples), tuple(segments), extension, encoder)

    def _programme(self, rng: np.random.Generator) -> list[tuple[FloatArray, Label, str | None]]:
        if rng.random() < self._music_share:
            return [(programme.music(rng, self._sources, self._hosts, float(rng.uniform(50, 150))), "music", None)]
        parts: list[tuple[FloatArray, Label, str | None]] = [
            (programme.talk(rng, self._sources, self._hosts, float(rng.uniform(30, 150))), "talk", None)
        ]
        if rng.random() < 0.4:
            parts.insert(0, (programme.ident(rng, self._hosts[0]), "talk", None))
        return parts

    def _break(self, rng: np.random.Generator) -> list[tuple[FloatArray, Label, str | None]]:
        count = int(rng.integers(2, 7))
        chosen = rng.permutation(len(self.spots))[:count]
        parts: list[tuple[FloatArray, Label, str | None]] = [
            (self.spots[place].samples, "ad", self.spots[place].spot_id) for place in chosen
        ]
        if self._break_jingle is not None and rng.random() < 0.8:
            parts.insert(0, (self._break_jingle, "ad", None))
        return parts

    def _on_air(self, rng: np.random.Generator, samples: FloatArray) -> FloatArray:
        """The station's chain: equaliser, compressor, a level that drifts by some dB."""
        samples = equalised(samples, np.random.default_rng(self._equaliser_seed), 4)
        samples = compressed(samples, -16, self._squeeze, 0.3)
        points = rng.uniform(-3, 1, max(2, len(samples) // (60 * SAMPLE_RATE)))
        drift = np.interp(np.arange(len(samples)), np.linspace(0, len(samples), len(points)), points)
        return limited((samples * 10 ** (drift / 20)).astype(np.float32))


def _joined(
    rng: np.random.Generator, parts: list[tuple[FloatArray, Label, str | None]]
) -> tuple[FloatArray, list[Segment]]:
    """Parts on one time line, cut hard, crossfaded a little, or with a breath of silence between them."""
    total = sum(len(part) for part, _, _ in parts) + SAMPLE_RATE * len(parts)
    line, at, segments = np.zeros(total, dtype=np.float32), 0, list[Segment]()
    for samples, label, spot_id in parts:
        gap = int(float(rng.choice([0.0, 0.0, 0.1, 0.3, -0.3])) * SAMPLE_RATE)
        at = max(0, at + gap) if segments else 0
        line[at : at + len(samples)] += samples
        if segments:
            last = segments[-1]
            segments[-1] = Segment(last.file, last.start_s, at / SAMPLE_RATE, last.label, last.spot_id)
        segments.append(Segment("", at / SAMPLE_RATE, (at + len(samples)) / SAMPLE_RATE, label, spot_id))
        at += len(samples)
    return line[:at], segments
