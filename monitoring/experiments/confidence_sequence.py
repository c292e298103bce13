"""A confidence sequence: a band that holds the truth at all times at once, however often one looks.

Asymptotic, by Robbins' normal mixture (Waudby-Smith et al., arXiv 2103.06476, theorem 2.2), in the time of
information, one over the squared standard error. A single normal is narrow about one amount of information only, so
half of the mixture lies where the plan wants it, and the rest on larger and larger effects: an experiment with far
less data than planned has a band that still says something, for some per cent of width where it has all of it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_DOUBLINGS = 6
_HALVINGS = 60


@dataclass(frozen=True)
class Mixture:
    """Normals that effects are drawn from: their precisions, of shape (parts), and their weights."""

    precisions: Floats
    weights: Floats


def planned_information(log_ratio: float, alpha: float, power: float) -> float:
    """Information at which a single test with this power finds a log ratio."""
    from scipy.special import ndtri

    return float(((ndtri(1 - alpha / 2) + ndtri(power)) / log_ratio) ** 2)


def mixture_of(information: float, alpha: float) -> Mixture:
    """The mixture whose band is narrow from an information chosen before the start down to a four-thousandth of it."""
    twice = -2 * np.log(alpha)
    best = information / (twice + np.log(twice + 1))  # a single normal's precision, equation 10 of the paper
    sizes = 4.0 ** np.arange(_DOUBLINGS + 1)  # effects of twice the size need a quarter of the information
    weights = np.full(len(sizes), 0.5 / _DOUBLINGS)
    weights[0] = 0.5
    return Mixture(best / sizes, weights)


def radius(standard_error: Floats, alpha: float, mixture: Mixture) -> Floats:
    """Half the width of the band, of the standard errors' shape."""
    error = np.asarray(standard_error, dtype=np.float64)
    wanted = -np.log(alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        information = 1 / error[..., None] ** 2
        share = information / (information + mixture.precisions)
        offset = np.log(mixture.weights) + np.log(1 - share) / 2
        low, high = np.zeros(error.shape), (2 * (wanted - offset) / share).min(axis=-1)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            is_inside = _log_sum(offset + share * middle[..., None] / 2) < wanted
            low, high = np.where(is_inside, middle, low), np.where(is_inside, high, middle)
    return np.asarray(error * np.sqrt(high), dtype=np.float64)


def p_value(z: Floats, standard_error: Floats, mixture: Mixture) -> Floats:
    """The smallest error at which the band leaves out zero at this look; valid at all looks at once."""
    information = 1 / np.asarray(standard_error, dtype=np.float64)[..., None] ** 2
    share = information / (information + mixture.precisions)
    offset = np.log(mixture.weights) + np.log(1 - share) / 2
    evidence = _log_sum(offset + share * np.asarray(z, dtype=np.float64)[..., None] ** 2 / 2)
    return np.asarray(np.exp(-np.maximum(evidence, 0.0)), dtype=np.float64)


def _log_sum(logs: Floats) -> Floats:
    """Log of the sum of exponentials over the last axis."""
    top = logs.max(axis=-1)
    return np.asarray(top + np.log(np.exp(logs - top[..., None]).sum(axis=-1)), dtype=np.float64)
