"""One thing that a station sends, and what kind of thing it is: the truth of a composed second."""

from dataclasses import dataclass

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from training.ad_detection.corpus import Label


@dataclass(frozen=True)
class Passage:
    """A spot, a jingle, a song, a conversation: sound that is one label from its start to its end."""

    samples: FloatArray
    label: Label
    kind: str
    """Finer than the label: ``talk-over-bed``, ``music-rap``, ``spot-album`` ... (AD-9's gaps are named by it)."""
    spot_id: str | None = None
    opening: tuple[str, float] | None = None
    """Kind and seconds of its first part, where that is of another kind (a host over a song's intro)."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    def kinds(self, start_s: float, end_s: float) -> list[tuple[str, float, float]]:
        """(kind, start, end) for a passage that is on air from ``start_s`` to ``end_s``."""
        if self.opening is None or self.opening[1] >= end_s - start_s:
            return [(self.kind, start_s, end_s)]
        name, seconds = self.opening
        return [(name, start_s, start_s + seconds), (self.kind, start_s + seconds, end_s)]
