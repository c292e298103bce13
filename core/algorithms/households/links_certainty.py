"""How sure it is that a device seen at a household is its guest and does not live there (HH-4).

Whoever is counted to the wrong home looks like a guest in the right one, day after day. A guest is there on few of the
days on which it is seen at all, a dweller on most: beta-binomial shares with means of 1/5 and 4/5 are weighed against
each other, the dweller's with the small prior chance that the home is wrong.
"""

from math import exp, lgamma

_GUEST = (1.0, 4.0)
_DWELLER = (4.0, 1.0)


def guest_certainty(days_there: int, days_seen: int, wrong_home: float) -> float:
    """Return the probability, 0..1, of being a guest.

    Args:
        days_there: days in the window on which the device was seen at that household.
        days_seen: days on which it was seen at all; at least ``days_there``.
        wrong_home: how probable it is beforehand that its home is told wrongly, 0..1 (exclusive).
    """
    against = _log_beta_binomial(days_there, days_seen, _DWELLER) - _log_beta_binomial(days_there, days_seen, _GUEST)
    return 1 / (1 + wrong_home / (1 - wrong_home) * exp(against))


def _log_beta_binomial(hits: int, trials: int, shape: tuple[float, float]) -> float:
    """Without the binomial coefficient, which is the same on both sides."""
    return _log_beta(hits + shape[0], trials - hits + shape[1]) - _log_beta(*shape)


def _log_beta(first: float, second: float) -> float:
    return lgamma(first) + lgamma(second) - lgamma(first + second)
