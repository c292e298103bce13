"""Income class of a household, from how many devices of which class it has (HH-9)."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from core.algorithms.households.inference_settings import InferenceSettings
from core.domain import DEVICE_CLASSES
from training.households.demographics import Guess
from training.households.inference_evidence import Evidence
from training.households.inference_model import by_devices


def guess_income(evidence: Evidence, home_of: Mapping[str, str], rules: InferenceSettings) -> Guess:
    """Return what is believed of every household with a device that counts.

    A device counts if it has consent to advertising, is not mainly a child's, and shows its built-in MAC: of a
    randomised one nobody knows how many it stands for. ``home_of`` is the household of each device now.
    """
    counted: dict[str, Counter[str]] = {}
    for device_key, device_class, is_local, kids_share in zip(
        evidence.device_keys, evidence.device_classes, evidence.is_mac_local, evidence.kids_share, strict=True
    ):
        home = home_of.get(device_key)
        if home is not None and not is_local and kids_share <= rules.max_kids_share:
            counted.setdefault(home, Counter())[device_class] += 1
    homes = sorted(counted)
    counts = np.array([[counted[home][each] for each in DEVICE_CLASSES] for home in homes], dtype=np.float64)
    counts = counts.reshape(len(homes), len(DEVICE_CLASSES))
    weights, prior = rules.weights("income"), rules.priors["income"]
    chances = by_devices(counts, DEVICE_CLASSES, weights, prior, rules.strength["income"])
    return Guess(homes, rules.values("income"), chances, counts.sum(axis=1) > 0)
