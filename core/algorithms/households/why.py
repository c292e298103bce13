"""Why a device is counted to its household: what a person would count, and the same in a sentence."""

from collections import Counter

import numpy as np

from core.algorithms.households.change import Evidence
from core.algorithms.households.tables import Found, certainty


def evidence_of(found: Found, device: int, household_id: str | None) -> Evidence:
    """Count for one device."""
    scene, homes, keys = found.scene, found.clustering.homes, found.sightings.device_keys
    mine = scene.calm.take(scene.calm_rows(np.array([device])))
    here = scene.calm.take(scene.calm.of_addresses(np.unique(mine.address)))
    label = homes.now[device]
    others = here.take((homes.at(here.device, here.day) == label) & (here.device != device))
    is_home = np.isin(mine.address, others.address)
    together = Counter(dict.fromkeys(np.unique(others.device).tolist(), 0))
    for other, _ in {(int(d), int(day)) for d, day in zip(others.device, others.day, strict=True)}:
        together[other] += 1
    days = len(np.unique(mine.day[is_home]))
    nights = len(np.unique(mine.day[is_home & mine.is_night]))
    elsewhere = len(np.setdiff1d(mine.day, mine.day[is_home]))
    co_seen = tuple(
        (keys[other], count) for other, count in sorted(together.items(), key=lambda i: (-i[1], keys[i[0]]))
    )
    confidence = certainty(int(found.clustering.margin[device]))
    sentence = _sentence(days, nights, len(co_seen), elsewhere, confidence)
    return Evidence(
        keys[device], household_id, confidence, days, nights, int(is_home.sum()), elsewhere, co_seen, sentence
    )


def _sentence(days: int, nights: int, others: int, elsewhere: int, confidence: float) -> str:
    if not others:
        return f"Never seen together with a device of its household; seen on {elsewhere} days: counted alone."
    return (
        f"Seen in one lease with {others} other device{'s' * (others != 1)} of this household on {days} "
        f"day{'s' * (days != 1)}, {nights} of them at night; elsewhere on {elsewhere} more. "
        f"Confidence {confidence:.2f}."
    )
