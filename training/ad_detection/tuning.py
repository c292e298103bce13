"""Sets the segment model's scale on the stations held out from learning (AD-4); a test is never looked at."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.algorithms.audio.frames import FloatArray
from core.algorithms.audio.segment_model import SegmentModel
from training.ad_detection.features import Recording

_SCALES: Final = (0.05, 0.1, 0.2, 0.35, 0.6)


def tuned(learned: Sequence[Recording], held_out: Sequence[Recording], answers: Sequence[FloatArray]) -> SegmentModel:
    """The scale with the most steps right, given the net's answers on the held-out recordings."""
    weights = np.zeros(3)
    for each in learned:
        weights += np.sqrt(np.bincount(each.labels[each.labels >= 0], minlength=3))
    shares = np.maximum(weights, 1.0) / np.maximum(weights, 1.0).sum()
    prior = (float(shares[0]), float(shares[1]), float(shares[2]))
    models = [SegmentModel(scale, prior) for scale in _SCALES]
    return max(models, key=lambda model: right_share(model, held_out, answers))


def right_share(model: SegmentModel, heard: Sequence[Recording], answers: Sequence[FloatArray]) -> float:
    """Share of labelled steps that are right after decoding."""
    right = total = 0
    for each, said in zip(heard, answers, strict=True):
        labels = model.decode(model.evidence(said))[: len(each.labels)]
        is_known = each.labels >= 0
        right += int((labels == each.labels)[is_known].sum())
        total += int(is_known.sum())
    return right / max(1, total)
