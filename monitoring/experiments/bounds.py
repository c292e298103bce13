"""Group sequential bounds for the verdict: how large a difference has to be on which day.

Lan and DeMets (1983) with a spending function like O'Brien and Fleming's: almost nothing is spent early, so that the
last look is nearly as sharp as a single one. Error is spent by the calendar, while looks are correlated by the
information that really came in (Lan and DeMets 1989): neither the number of looks nor the pace must be known before.
Crossing probabilities by the recursion of Armitage, McPherson and Rowe (1969), with Gauss-Legendre quadrature.

Own code, as none of the well-kept Python libraries has it without a notebook and a browser driver in tow; tests hold
it to the published tables.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_NODES = 128
_REACH = 8.0
"""Standard deviations beyond which nothing is looked for."""
_NOTHING = 1e-10
"""Less error than this to spend: no bound at that look."""
_LEAST_GROWTH = 0.005
"""Looks that bring less new information (as a share of that so far) are no looks of their own."""


def spent(fraction: Floats | float, alpha: float) -> Floats:
    """Two-sided error spent after a fraction (0..1) of the planned time."""
    from scipy.special import ndtr, ndtri

    clipped = np.clip(np.asarray(fraction, dtype=np.float64), 1e-12, 1.0)
    return np.asarray(4 * (1 - ndtr(ndtri(1 - alpha / 4) / np.sqrt(clipped))), dtype=np.float64)


class Recursion:
    """Walks from look to look: takes information and error spent so far, gives the bound of |z|."""

    def __init__(self) -> None:
        self._information = 0.0
        self._used = 0.0
        self._nodes = np.zeros(1)
        self._mass = np.ones(1)
        self._is_at_start = True

    def bound(self, information: float, error: float) -> float:
        """Return the bound of |z| at a look, infinite where nothing may be decided.

        Args:
            information: one over the squared standard error at this look.
            error: what the spending function allows until now, this look included.
        """
        grown = information - self._information
        increment = error - self._used
        if increment < _NOTHING or not grown > _LEAST_GROWTH * self._information:
            return np.inf
        found = self._solve(information, grown, increment)
        self._advance(information, grown, found)
        self._used = error
        return found

    def mass_under(self, drift: float) -> float:
        """Probability of no crossing so far where the true log ratio is ``drift``."""
        tilt = np.exp(drift * self._nodes - drift**2 * self._information / 2)
        return float((self._mass * tilt).sum())

    def _outside(self, bound: float, information: float, grown: float) -> float:
        from scipy.special import ndtr

        edge, width = bound * np.sqrt(information), np.sqrt(grown)
        tails = ndtr((self._nodes - edge) / width) + ndtr((-self._nodes - edge) / width)
        return float((self._mass * tails).sum())

    def _solve(self, information: float, grown: float, increment: float) -> float:
        from scipy.optimize import brentq

        if self._outside(_REACH, information, grown) >= increment:
            return _REACH
        found = brentq(lambda bound: self._outside(bound, information, grown) - increment, 0.0, _REACH, xtol=1e-8)
        return float(found)

    def _advance(self, information: float, grown: float, bound: float) -> None:
        """The score's density after a look that was not crossed, as masses at quadrature nodes."""
        points, weights = _quadrature()
        edge = bound * np.sqrt(information)
        nodes = edge * points
        distance = (nodes[:, None] - self._nodes[None, :]) ** 2 / (2 * grown)
        density = (np.exp(-distance) @ self._mass) / np.sqrt(2 * np.pi * grown)
        self._nodes, self._mass, self._information = nodes, density * weights * edge, information


@lru_cache(maxsize=1)
def _quadrature() -> tuple[Floats, Floats]:
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    return points, weights


def bounds(information: Floats, fractions: Floats, alpha: float) -> Floats:
    """Bounds of |z| at every look, of shape (looks); infinite where nothing may be decided yet.

    Args:
        information: one over the squared standard error, of shape (looks).
        fractions: of the planned time (0..1), growing, of shape (looks).
        alpha: two-sided error over all looks.
    """
    return np.array(_walk(Recursion(), information, fractions, alpha), dtype=np.float64)


def power(information: Floats, fractions: Floats, alpha: float, log_ratio: float) -> float:
    """Probability that any bound is crossed where the true log ratio is ``log_ratio``."""
    recursion = Recursion()
    _walk(recursion, information, fractions, alpha)
    return 1 - recursion.mass_under(log_ratio)


def _walk(recursion: Recursion, information: Floats, fractions: Floats, alpha: float) -> list[float]:
    errors = spent(fractions, alpha)
    return [
        recursion.bound(float(known), float(error)) if np.isfinite(known) else np.inf
        for known, error in zip(information, errors, strict=True)
    ]
