"""The relative change of a mean between two arms, with CUPED, for many looks at once.

The same formulas as tea-tasting's, which the table of a read-out is made with (a test holds both equal), but over
arrays: a sequential analysis needs them at every look, and its proof by simulation a million times.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sums over an arm's units, of any one shape (looks, classes, ...)."""

    count: Floats
    y: Floats
    """What is compared: seconds of viewing a unit."""
    x: Floats
    """What is known from before the unit was first shown anything: its pace of the month before."""
    yy: Floats
    xx: Floats
    xy: Floats

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.count + other.count,
            self.y + other.y,
            self.x + other.x,
            self.yy + other.yy,
            self.xx + other.xx,
            self.xy + other.xy,
        )

    def variance(self, squares: Floats, sums: Floats) -> Floats:
        return self.covariance(squares, sums, sums)

    def covariance(self, products: Floats, left: Floats, right: Floats) -> Floats:
        """Unbiased, of shape (...); zero where there is less than two units."""
        found = (products - left * right / np.maximum(self.count, 1)) / np.maximum(self.count - 1, 1)
        return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class Lift:
    """The log of the ratio of means; ``exp(log_ratio) - 1`` is the relative change. Not a number: nothing to say."""

    log_ratio: Floats
    standard_error: Floats
    variance_removed: Floats
    """Share of the variance that CUPED has taken away (0..1)."""

    @property
    def z(self) -> Floats:
        return self.log_ratio / self.standard_error


def moments_of(y: Floats, x: Floats) -> Moments:
    """Sums over the last axis."""
    count = np.full(y.shape[:-1], float(y.shape[-1]))
    return Moments(count, y.sum(-1), x.sum(-1), (y * y).sum(-1), (x * x).sum(-1), (x * y).sum(-1))


def lift(arm: Moments, control: Moments) -> Lift:
    """Compare two arms: CUPED (Deng 2013), then the delta method on the log of the ratio (Deng 2018)."""
    both = arm + control
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = both.variance(both.xx, both.x)
        slope = np.where(spread > 0, both.covariance(both.xy, both.x, both.y) / spread, 0.0)
        sides = [_adjusted(each, slope, both.x / both.count) for each in (arm, control)]
        (mean, variance, raw), (control_mean, control_variance, control_raw) = sides
        log_ratio = np.log(mean / control_mean)
        squared = variance / arm.count / mean**2 + control_variance / control.count / control_mean**2
        removed = 1 - (variance + control_variance) / (raw + control_raw)
        few = (arm.count < 2) | (control.count < 2) | ~np.isfinite(log_ratio) | ~(squared > 0)
        unknown = np.nan
        return Lift(
            np.where(few, unknown, log_ratio),
            np.where(few, unknown, np.sqrt(squared)),
            np.where(few, 0.0, np.clip(np.nan_to_num(removed), 0.0, 1.0)),
        )


def _adjusted(side: Moments, slope: Floats, mean_x: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean and variance after CUPED, and the variance before it."""
    raw = side.variance(side.yy, side.y)
    spread = side.variance(side.xx, side.x)
    together = side.covariance(side.xy, side.x, side.y)
    mean = side.y / side.count - slope * (side.x / side.count - mean_x)
    return mean, np.maximum(raw + slope**2 * spread - 2 * slope * together, 0.0), raw
