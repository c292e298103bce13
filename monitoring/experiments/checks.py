"""Whether the assignment did what the experiment says: a comparison of arms filled wrongly says nothing."""

from dataclasses import dataclass

import numpy as np

from core.algorithms.experiments import Experiment
from core.domain import DEVICE_CLASSES
from monitoring.experiments.comparison import SAMPLE_RATIO_P, SampleRatio, sample_ratio
from monitoring.experiments.units import Units

MAX_STRAY_SHARE = 0.01
"""More units than this in two arms, or in another arm than theirs, are no accident of a device that changed hands."""
_FEW = 3


@dataclass(frozen=True)
class Checks:
    """Sample ratios over all units and by device class, and units that strayed."""

    sample_ratio: SampleRatio
    by_class: dict[str, float]
    """p-value of each device class's sample ratio, after Holm."""
    mixed_share: float
    """Share of units that saw more than one arm."""
    misassigned_share: float
    """Share of units logged in another arm than the experiment gives them."""
    broken: tuple[str, ...]
    """Which checks failed: ``sample_ratio``, ``sample_ratio_by_class``, ``mixed``, ``misassigned``."""

    @property
    def is_broken(self) -> bool:
        return bool(self.broken)


def check(experiment: Experiment, units: Units) -> Checks:
    """Check the assignment of all units so far."""
    shares = [arm.share for arm in experiment.arms]
    ratio = sample_ratio(_counts(units, len(shares), np.ones(units.count, dtype=bool)), shares)
    by_class = _by_class(units, shares)
    total = max(units.count + units.mixed_count, 1)
    mixed, misassigned = units.mixed_count / total, units.misassigned_count / total
    found = {
        "sample_ratio": ratio.is_broken,
        "sample_ratio_by_class": any(value < SAMPLE_RATIO_P for value in by_class.values()),
        "mixed": mixed > MAX_STRAY_SHARE and units.mixed_count > _FEW,
        "misassigned": misassigned > MAX_STRAY_SHARE and units.misassigned_count > _FEW,
    }
    return Checks(ratio, by_class, mixed, misassigned, tuple(name for name, is_broken in found.items() if is_broken))


def _counts(units: Units, arm_count: int, mine: "np.ndarray") -> list[int]:  # type: ignore[type-arg]
    return [int(each) for each in np.bincount(units.arm[mine], minlength=arm_count)]


def _by_class(units: Units, shares: list[float]) -> dict[str, float]:
    from statsmodels.stats.multitest import multipletests

    found = {
        name: sample_ratio(_counts(units, len(shares), units.device_class == place), shares).p_value
        for place, name in enumerate(DEVICE_CLASSES)
    }
    known = {name: value for name, value in found.items() if value is not None}
    if not known:
        return {}
    return dict(
        zip(known, (float(each) for each in multipletests(list(known.values()), method="holm")[1]), strict=True)
    )
