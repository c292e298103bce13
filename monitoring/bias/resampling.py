"""95 % bands by bootstrap over requests (Efron 1979): what would these figures be, had other viewers asked?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SAMPLES = 400
QUANTILES = (0.025, 0.975)


@dataclass(frozen=True)
class Estimate:
    """A value and its band."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Resampling:
    """How often each of ``count`` requests counts in each resampling: (SAMPLES, count), drawn with replacement."""

    weights: Floats

    @staticmethod
    def of(count: int, seed: int) -> "Resampling":
        """Draw; ``count`` may be 0, then every estimate is empty."""
        rng = np.random.default_rng(seed)
        if count == 0:
            return Resampling(np.zeros((SAMPLES, 0)))
        return Resampling(rng.multinomial(count, np.full(count, 1 / count), SAMPLES).astype(np.float64))

    @property
    def count(self) -> int:
        return int(self.weights.shape[1])

    def estimate(self, statistic: Callable[[Floats], float]) -> Estimate:
        """Of any statistic of the requests' weights; all ones give the value itself."""
        if self.count == 0:
            return Estimate(np.nan, np.nan, np.nan)
        return centred(statistic(np.ones(self.count)), np.array([statistic(each) for each in self.weights]))

    def mean(self, values: Floats) -> Estimate:
        """Mean of one value a request; requests without one (NaN) are left out."""
        known = ~np.isnan(values)
        if not known.any():
            return Estimate(np.nan, np.nan, np.nan)
        filled = np.where(known, values, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            sampled = (self.weights @ filled) / (self.weights @ known.astype(np.float64))
        return centred(float(filled.sum() / known.sum()), sampled)


def centred(value: float, sampled: Floats) -> Estimate:
    """The percentiles of the resamplings, moved so that their mean is the value.

    A resampling holds fewer distinct requests than there were, so that coverage, Gini and divergences come out askew
    in it: their spread is right, their place is not.
    """
    known = sampled[np.isfinite(sampled)]
    if not np.isfinite(value) or len(known) == 0:
        return Estimate(np.nan, np.nan, np.nan)
    low, high = np.quantile(known, QUANTILES) - known.mean()
    return Estimate(float(value), float(value + low), float(value + high))


def weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """The value below which ``share`` of the weight lies."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    if len(below) == 0 or below[-1] == 0:
        return float("nan")
    return float(values[order][np.searchsorted(below, share * below[-1])])
