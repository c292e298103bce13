"""Made-up viewers, many experiments at once: some watch much and some little, they join day by day, and days differ."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitoring.experiments.lift import Lift, Moments, lift

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Made:
    """Experiments of equal arms, looked at after every day."""

    found: Lift
    """Of shape (experiments, looks)."""
    counts: Floats
    """Units of the smaller arm, of shape (experiments, looks)."""
    fractions: Floats
    """(looks)"""


def make(
    seed: int, experiments: int, units: int = 500, days: int = 28, effect: float = 0.0, is_adjusted: bool = True
) -> Made:
    """Simulate.

    Args:
        seed: of the random numbers.
        experiments: how many.
        units: in all arms together.
        days: planned length; all looks are taken.
        effect: true relative change of what the treated play, from their first recommendation on.
        is_adjusted: with CUPED by the month before.
    """
    rng = np.random.default_rng(seed)
    parts = [_some(rng, count, units, days, effect, is_adjusted) for count in _chunks(experiments)]
    arms = [_joined([part[arm] for part in parts]) for arm in (0, 1)]
    return Made(lift(arms[1], arms[0]), np.minimum(arms[0].count, arms[1].count), np.arange(1, days + 1) / days)


def _chunks(experiments: int) -> list[int]:
    return [100] * (experiments // 100) + [experiments % 100] * (experiments % 100 > 0)


def _some(
    rng: np.random.Generator, count: int, units: int, days: int, effect: float, is_adjusted: bool
) -> tuple[Moments, Moments]:
    who = (count, units, 1)
    habit = rng.lognormal(0.0, 0.8, who).astype(np.float32)  # a tenth of the units watches a third of all
    joins = np.minimum(rng.geometric(0.15, who) - 1, days)
    is_treated = rng.random(who) < 0.5
    active = rng.random((count, units, days), dtype=np.float32) < 0.55
    daily = habit * active * rng.standard_exponential((count, units, days), dtype=np.float32)
    daily *= np.where(is_treated, 1 + effect, 1.0) * (np.arange(days) >= joins)
    month = habit * rng.gamma(16.0, 1 / 16.0, who)  # 30 days of the same habit, as a pace a day
    exposed = np.clip(np.arange(1, days + 1) - joins, 0, None)
    y, x = np.cumsum(daily, axis=-1, dtype=np.float64), month * exposed * float(is_adjusted)
    sides = []
    for side in (~is_treated, is_treated):
        inside = side & (exposed > 0)
        sums = [np.where(inside, values, 0.0).sum(axis=1) for values in (np.ones_like(y), y, x, y * y, x * x, x * y)]
        sides.append(Moments(*sums))
    return sides[0], sides[1]


def _joined(parts: list[Moments]) -> Moments:
    names = ("count", "y", "x", "yy", "xx", "xy")
    return Moments(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
