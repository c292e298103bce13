"""The detector live on stations it never heard: what each second of look-ahead brings, whether its confidence is right,
and the reference that drift of live verdicts is measured against (AD-4, AD-7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.algorithms.audio.detection import LABELS
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.live import LiveDetector, Verdict
from core.audio_decoding import SAMPLE_RATE, SoundFile
from core.contracts.ad_detection import LIVE_LOOK_AHEAD_S
from core.logs import progress
from training.ad_detection.corpus import Corpus
from training.ad_detection.scores import confusion_of, labels_of

_LOOK_AHEADS_S: Final = (LIVE_LOOK_AHEAD_S, 10.0, 30.0)
_MOST_SECONDS: Final = 1500
_BINS: Final = 5
_SILENCE_DB: Final = -96.0


@dataclass(frozen=True)
class _Second:
    start_s: float
    end_s: float
    label: str


def live_figures(bundle: DetectorBundle, test: Corpus) -> dict[str, Any]:
    """``look_ahead``, ``reliability`` (at the least look-ahead) and ``live_reference``: columns, a row a second."""
    curve = []
    for seconds in _LOOK_AHEADS_S:
        verdicts = {name: heard(bundle, test, name, seconds) for name in test.files}
        confusion = sum(confusion_of(test.files[name], _stretches(said)) for name, said in verdicts.items())
        right = round(float(np.trace(confusion) / max(1, np.sum(confusion))), 4)
        curve.append({"look_ahead_s": seconds, "frame_accuracy": right})
        progress(f"evaluate: live with {seconds:g} s of look-ahead: {right:.3f} right")
        if seconds == LIVE_LOOK_AHEAD_S:
            first = verdicts
    return {"look_ahead": curve, "reliability": reliability(test, first), "live_reference": _reference(test, first)}


def heard(bundle: DetectorBundle, test: Corpus, name: str, look_ahead_s: float) -> list[Verdict]:
    """Every second's verdict, as the live detector gives it."""
    live, verdicts = LiveDetector(bundle, look_ahead_s), list[Verdict]()
    for chunk in SoundFile(test.path(name)):
        for second in range(0, len(chunk), SAMPLE_RATE):  # as a stream comes: a verdict is due before the next second
            verdicts += live.push(chunk[second : second + SAMPLE_RATE])
    return verdicts + live.finish()


def reliability(test: Corpus, said: dict[str, list[Verdict]]) -> list[dict[str, Any]]:
    """Verdicts by the confidence they state, in bins of equal size: ``confidence``, ``accuracy``, ``count``."""
    stated, right = list[float](), list[bool]()
    for name, verdicts in said.items():
        truth = labels_of(test.files[name], np.array([each.at_s + 0.5 for each in verdicts]))
        for verdict, label in zip(verdicts, truth, strict=True):
            if label >= 0:
                stated.append(verdict.confidence)
                right.append(LABELS[label] == verdict.label)
    order = np.argsort(stated, kind="stable")
    return [
        {
            "confidence": round(float(np.asarray(stated)[part].mean()), 4),
            "accuracy": round(float(np.asarray(right)[part].mean()), 4),
            "count": len(part),
        }
        for part in np.array_split(order, _BINS)
        if len(part)
    ]


def _stretches(verdicts: Sequence[Verdict]) -> list[_Second]:
    return [_Second(each.at_s, each.at_s + 1, each.label) for each in verdicts]


def _reference(test: Corpus, said: dict[str, list[Verdict]]) -> dict[str, list[Any]]:
    """``level_db``, ``confidence``, ``label``, ``ad``, ``talk``, ``music``: the start of every file, equal parts."""
    most = max(1, _MOST_SECONDS // len(said))
    columns: dict[str, list[Any]] = {name: [] for name in ("level_db", "confidence", "label", *LABELS)}
    for name, verdicts in said.items():
        for verdict, level in zip(verdicts[:most], _levels(test, name, most), strict=False):
            columns["level_db"].append(level)
            columns["confidence"].append(round(verdict.confidence, 3))
            columns["label"].append(verdict.label)
            for label, share in zip(LABELS, verdict.probabilities, strict=True):
                columns[label].append(round(float(share), 3))
    return {name: column[: min(map(len, columns.values()))] for name, column in columns.items()}


def _levels(test: Corpus, name: str, most: int) -> list[float]:
    levels = list[float]()
    for chunk in SoundFile(test.path(name)):
        whole = len(chunk) // SAMPLE_RATE * SAMPLE_RATE
        power = np.square(chunk[:whole].astype(np.float64)).reshape(-1, SAMPLE_RATE).mean(axis=1)
        levels += [round(max(_SILENCE_DB, 10 * float(np.log10(each + 1e-12))), 1) for each in power]
        if len(levels) >= most:
            break
    return levels[:most]
