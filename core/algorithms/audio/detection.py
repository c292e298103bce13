"""Sound in, segments out: net, hotlist and segment model together (AD-1, AD-4, AD-7). Memory does not grow with sound.

Of an hour, 18,000 embeddings and some 200,000 landmarks are kept (7 MB); the sound itself is dropped at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from core.algorithms.audio import author_decoder
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.detector_net import STEPS_A_SECOND, probabilities, step_stream
from core.algorithms.audio.fingerprint_index import Match
from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray, SpectrumStream, log_mel
from core.algorithms.audio.landmarks import Landmarks, LandmarkStream
from core.algorithms.audio.normalisation import Normaliser

LABELS: Final = ("ad", "talk", "music")
Decoder = Literal["segments", "author", "none"]
MATCH_LOG_ODDS: Final = 3.0
"""What a step within a clip of the hotlist adds for the clip's label: a match outweighs the net (AD-3)."""


@dataclass(frozen=True)
class Detected:
    """One stretch of a recording; a recording's stretches cover it without gaps."""

    start_s: float
    end_s: float
    label: str
    confidence: float
    """Mean of the net's share for the label, and 0.99 where the hotlist knows the clip."""
    spot_id: str | None


@dataclass(frozen=True)
class Heard:
    """What a recording was turned into; everything further is quick."""

    duration_s: float
    probabilities: FloatArray
    """The net's softmax by step of 0.2 s (steps, 3)."""
    matches: tuple[Match, ...]


def hear(bundle: DetectorBundle, chunks: Iterable[FloatArray]) -> Heard:
    """Take a recording's samples, chunk by chunk."""
    spectra, normal, steps, marks = SpectrumStream(), Normaliser(), step_stream(bundle.weights), LandmarkStream()
    embedded: list[FloatArray] = []
    found: list[Landmarks] = []
    samples = 0
    for chunk in chunks:
        samples += len(chunk)
        power = spectra.push(chunk)
        embedded.append(steps.push(normal.push(log_mel(power))))
        found.append(marks.push(power))
    power = spectra.finish()
    embedded += [steps.push(normal.push(log_mel(power))), steps.finish()]
    found += [marks.push(power), marks.finish()]
    joined = Landmarks(*(np.concatenate(column) for column in zip(*found, strict=True)))
    answers = probabilities(bundle.weights, np.concatenate(embedded))
    return Heard(samples / SAMPLE_RATE, answers, tuple(bundle.hotlist.matches(joined)))


def segments(bundle: DetectorBundle, heard: Heard, decoder: Decoder = "segments") -> list[Detected]:
    """Stretches of one label, cut at the borders of known clips; they cover 0 to the recording's end."""
    labels = decoded(bundle, heard, decoder)
    if len(labels) == 0:
        return []
    known = np.full(len(labels), -1)
    for number, match in enumerate(heard.matches):
        if match.clip.label == "ad":
            known[_steps(match, len(labels))] = number
    cuts = np.flatnonzero((np.diff(labels) != 0) | (np.diff(known) != 0)) + 1
    edges = [0, *cuts.tolist(), len(labels)]
    times = [place / STEPS_A_SECOND for place in edges]
    times[-1] = heard.duration_s
    return [
        _stretch(heard, times[place : place + 2], slice(*edges[place : place + 2]), labels, known)
        for place in range(len(edges) - 1)
        if times[place] < times[place + 1]
    ]


def decoded(bundle: DetectorBundle, heard: Heard, decoder: Decoder = "segments") -> npt.NDArray[np.int8]:
    """Label of every step (steps,): index into ``LABELS``."""
    if decoder == "none":
        return np.asarray(heard.probabilities.argmax(axis=1), dtype=np.int8)
    if decoder == "author":
        return author_decoder.decode(heard.probabilities)
    model = bundle.segment_model
    evidence = model.evidence(heard.probabilities)
    for match in heard.matches:
        evidence[_steps(match, len(evidence)), LABELS.index(match.clip.label)] += MATCH_LOG_ODDS
    return model.decode(evidence)


def _steps(match: Match, count: int) -> slice:
    first, last = (round(at * STEPS_A_SECOND) for at in (match.start_s, match.end_s))
    return slice(max(0, first), max(0, min(last, count)))


def _stretch(
    heard: Heard,
    times: Sequence[float],
    steps: slice,
    labels: npt.NDArray[np.int8],
    known: npt.NDArray[np.int64],
) -> Detected:
    label, number = int(labels[steps.start]), int(known[steps.start])
    confidence = float(heard.probabilities[steps, label].mean())
    match = heard.matches[number] if number >= 0 and label == 0 else None
    return Detected(
        round(times[0], 3),
        round(times[1], 3),
        LABELS[label],
        round(max(confidence, 0.99) if match else confidence, 4),
        match.clip.clip_id if match else None,
    )
