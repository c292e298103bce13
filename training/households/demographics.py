"""Age group and gender of a device, from the categories that it watches (HH-6)."""

from dataclasses import dataclass

import numpy as np

from core.algorithms.households.inference_settings import InferenceSettings
from training.households.inference_evidence import Evidence
from training.households.inference_model import Floats, by_content

WHATS = ("age_group", "gender")


@dataclass(frozen=True)
class Guess:
    """What is believed of some devices or households: ``chances`` (n, values) and whether there is enough to go by."""

    keys: list[str]
    values: tuple[str, ...]
    chances: Floats
    is_enough: np.ndarray[tuple[int], np.dtype[np.bool_]]


def guess(evidence: Evidence, rules: InferenceSettings, what: str) -> Guess:
    """Return what is believed of every device that is not mainly a child's; ``what`` is age_group or gender.

    A play says ``strength`` of what it would say if plays were independent, less on classes that several people share.
    """
    adults = np.flatnonzero(evidence.kids_share <= rules.max_kids_share)
    shared = np.array([rules.device_class_strength[each] for each in evidence.device_classes])[adults]
    counts = evidence.counts[adults]
    tempered = counts * (rules.strength[what] * shared)[:, None]
    chances = by_content(tempered, evidence.keys, rules.weights(what), rules.priors[what])
    is_enough = counts.sum(axis=1) >= rules.min_plays
    return Guess([evidence.device_keys[place] for place in adults], rules.values(what), chances, is_enough)
