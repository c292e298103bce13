"""One verdict a second from a stream, as far behind it as the player's buffer allows (AD-4, AD-7).

The same frames, net, hotlist and segment model as on recordings; only what lies more than the look-ahead in the future
is not known yet. Of a stream, 48 s of embeddings, 90 s of evidence and 20 s of landmarks are kept.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.algorithms.audio.detection import LABELS, MATCH_LOG_ODDS
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.detector_net import CONTEXT_STEPS, STEPS_A_SECOND, step_stream, window_probabilities
from core.algorithms.audio.fingerprint_index import Match
from core.algorithms.audio.frames import FRAMES_A_SECOND, FloatArray, SpectrumStream, log_mel
from core.algorithms.audio.landmarks import NOTHING, Landmarks, LandmarkStream
from core.algorithms.audio.normalisation import Normaliser

_MEMORY_STEPS: Final = 90 * STEPS_A_SECOND
_MARK_FRAMES: Final = 20 * FRAMES_A_SECOND


@dataclass(frozen=True)
class Verdict:
    """What one second of a stream was."""

    at_s: float
    """Start of the second, from the start of the stream."""
    label: str
    confidence: float
    spot_id: str | None
    probabilities: tuple[float, float, float]
    """The net's mean share for each of ``LABELS``; without hotlist and segment model."""


class LiveDetector:
    """Push samples as they come; verdicts come out ``look_ahead_s`` after the second they speak of."""

    def __init__(self, bundle: DetectorBundle, look_ahead_s: float = 4.0) -> None:
        self._bundle, self._model = bundle, bundle.segment_model
        self._look_ahead = round(look_ahead_s * STEPS_A_SECOND)
        self._spectra, self._normal, self._marks = SpectrumStream(), Normaliser(), LandmarkStream()
        self._steps = step_stream(bundle.weights)
        self._embedded = np.zeros((0, self._steps.width), dtype=np.float32)
        self._answers = np.zeros((0, 3), dtype=np.float32)
        self._heard: Landmarks = NOTHING
        self._first = 0
        """Step of the first row of answers that is kept."""
        self._told = 0
        """Seconds that have their verdict."""

    def push(self, samples: FloatArray) -> list[Verdict]:
        """Take more sound (n,); return the verdicts that are due."""
        power = self._spectra.push(samples)
        self._take(self._steps.push(self._normal.push(log_mel(power))), self._marks.push(power))
        return self._due(self._look_ahead)

    def finish(self) -> list[Verdict]:
        """The verdicts still open when the stream ends."""
        power = self._spectra.finish()
        self._take(self._steps.push(self._normal.push(log_mel(power))), self._marks.push(power))
        self._take(self._steps.finish(), self._marks.finish())
        return self._due(0)

    def _take(self, embedded: FloatArray, heard: Landmarks) -> None:
        self._embedded = np.concatenate([self._embedded, embedded])
        blank = np.full((len(embedded), 3), 1 / 3, dtype=np.float32)
        self._answers = np.concatenate([self._answers, blank])
        joined = Landmarks(*(np.concatenate(pair) for pair in zip(self._heard, heard, strict=True)))
        if len(joined.frames):
            recent = joined.frames >= joined.frames[-1] - _MARK_FRAMES
            joined = Landmarks(*(column[recent] for column in joined))
        self._heard = joined

    def _due(self, look_ahead: int) -> list[Verdict]:
        known = self._first + len(self._answers)
        due = (known - look_ahead) // STEPS_A_SECOND
        if due <= self._told or len(self._embedded) == 0:
            return []
        self._answer()
        evidence = self._model.evidence(self._answers)
        matches = self._bundle.hotlist.matches(self._heard)
        for match in matches:
            evidence[self._span(match), LABELS.index(match.clip.label)] += MATCH_LOG_ODDS
        labels = self._model.decode(evidence)
        verdicts = [self._verdict(second, labels, matches) for second in range(self._told, due)]
        self._told = due
        self._forget()
        return verdicts

    def _answer(self) -> None:
        """The net's answers for what its context covers, again with each second that is heard after it."""
        hop = CONTEXT_STEPS // 2
        count = len(self._embedded)
        for start in [*range(0, max(0, count - CONTEXT_STEPS), hop), max(0, count - CONTEXT_STEPS)]:
            window = self._embedded[start : start + CONTEXT_STEPS]
            said = window_probabilities(self._bundle.weights, window[None])[0]
            keep = 0 if start == 0 and self._first == 0 else min(len(window) // 4, CONTEXT_STEPS // 4)
            at = len(self._answers) - count + start
            self._answers[at + keep : at + len(window)] = said[keep:]

    def _verdict(self, second: int, labels: np.ndarray[tuple[int, ...], np.dtype[np.int8]], of: list[Match]) -> Verdict:
        rows = slice(second * STEPS_A_SECOND - self._first, (second + 1) * STEPS_A_SECOND - self._first)
        label = int(np.bincount(labels[rows], minlength=3).argmax())
        shares = self._answers[rows].mean(axis=0)
        confidence = float(shares[label])
        net = (round(float(shares[0]), 4), round(float(shares[1]), 4), round(float(shares[2]), 4))
        known = [each for each in of if each.clip.label == "ad" and each.start_s <= second + 0.5 < each.end_s]
        if known and label == 0:
            return Verdict(float(second), LABELS[label], max(confidence, 0.99), known[0].clip.clip_id, net)
        return Verdict(float(second), LABELS[label], round(confidence, 4), None, net)

    def _span(self, match: Match) -> slice:
        first, last = (round(at * STEPS_A_SECOND) - self._first for at in (match.start_s, match.end_s))
        return slice(max(0, first), max(0, last))

    def _forget(self) -> None:
        self._embedded = self._embedded[-CONTEXT_STEPS:]
        drop = max(0, len(self._answers) - max(_MEMORY_STEPS, CONTEXT_STEPS + self._look_ahead))
        self._answers, self._first = self._answers[drop:], self._first + drop
