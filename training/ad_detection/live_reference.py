"""What the detector says live of stations it never heard: what drift of live verdicts is measured against."""

from typing import Any, Final

import numpy as np

from core.algorithms.audio.detection import LABELS
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.live import LiveDetector, Verdict
from core.audio_decoding import SAMPLE_RATE, SoundFile
from training.ad_detection.corpus import Corpus

_MOST_SECONDS: Final = 1500
_SILENCE_DB: Final = -96.0


def live_reference(bundle: DetectorBundle, test: Corpus) -> dict[str, list[Any]]:
    """Columns of equal length, a row a second: ``level_db``, ``confidence``, ``label``, ``ad``, ``talk``, ``music``."""
    each_file = max(1, _MOST_SECONDS // len(test.files))
    columns: dict[str, list[Any]] = {name: [] for name in ("level_db", "confidence", "label", *LABELS)}
    for name in test.files:
        verdicts, levels = _heard(bundle, test, name, each_file)
        for verdict, level in zip(verdicts, levels, strict=False):
            columns["level_db"].append(level)
            columns["confidence"].append(round(verdict.confidence, 3))
            columns["label"].append(verdict.label)
            for label, share in zip(LABELS, verdict.probabilities, strict=True):
                columns[label].append(round(float(share), 3))
    return columns


def _heard(bundle: DetectorBundle, test: Corpus, name: str, most: int) -> tuple[list[Verdict], list[float]]:
    live, verdicts, levels = LiveDetector(bundle), list[Verdict](), list[float]()
    for chunk in SoundFile(test.path(name)):
        verdicts += live.push(chunk)
        whole = len(chunk) // SAMPLE_RATE * SAMPLE_RATE
        power = np.square(chunk[:whole].astype(np.float64)).reshape(-1, SAMPLE_RATE).mean(axis=1)
        levels += [round(max(_SILENCE_DB, 10 * float(np.log10(each + 1e-12))), 1) for each in power]
        if len(verdicts) >= most:
            break
    else:
        verdicts += live.finish()
    return verdicts[:most], levels[:most]
