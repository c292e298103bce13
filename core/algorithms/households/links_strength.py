"""How sure it is that two households know each other, from the days on which one was seen at the other's.

The model is Newman's for networks told by repeated, unreliable observations (Nature Physics 14, 542-545, 2018): every
pair of households is linked with probability rho; a linked pair is seen together on a share of the days (Poisson,
rate alpha a day), an unlinked one by mistake only. All three are estimated by expectation and maximisation from the
visits themselves, held by the priors that the parameters state. Two things are added:

- mistakes fall where there is traffic: an unlinked pair's expected days follow the configuration model (Newman and
  Girvan, Phys. Rev. E 69, 026113, 2004), out-days of the one times in-days of the other over all days, so that a home
  in which half the town is seen (a public place that was taken for a home) proves little for each of its guests;
- whoever is there on working days only, by day, may be at work: a commuter is the third thing that a pair can be. A
  commuter's days avoid the weekend for sure, a visitor's do by (5/7) to the number of days.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.algorithms.households.links_settings import StrengthPriors

Floats = npt.NDArray[np.float64]

_ROUNDS = 200
_SETTLED = 1e-9
_LEAST = 1e-12


@dataclass(frozen=True)
class PairDays:
    """Pairs with at least one visit; parallel arrays (n,). Days are weighed by age."""

    days: Floats
    chance: Floats
    """Days expected if all visits were mistakes: the configuration model."""
    working_days: npt.NDArray[np.int64]
    """Visit days from Monday to Friday, not weighed."""
    is_by_day_only: npt.NDArray[np.bool_]
    """Whether all its visits were on working days and none at night."""


@dataclass(frozen=True)
class Strength:
    """Log-odds of being linked, (n,), and what was estimated on the way."""

    log_odds: Floats
    link_share: float
    visits_per_day: float
    mistaken_share: float


def strengths(pairs: PairDays, household_count: int, day_count: float, priors: StrengthPriors) -> Strength:
    """Estimate the model and return every pair's log-odds.

    ``day_count``: days observed, weighed as the visits are. Deterministic; the same whatever the order of the pairs.
    """
    if not len(pairs.days):
        return Strength(np.zeros(0), 0.0, priors.visits_per_day, priors.mistaken_share)
    pair_count = max(household_count * (household_count - 1) / 2, float(len(pairs.days)), 2.0)
    prior_share = min(priors.links_per_household * household_count / 2 / pair_count, 0.5)
    link_share, rate, mistaken = prior_share, priors.visits_per_day, priors.mistaken_share
    total = float(pairs.days.sum())
    for _ in range(_ROUNDS):
        odds = _log_odds(pairs, link_share, rate * day_count, mistaken)
        linked = _logistic(odds)
        unseen = _logistic(np.array([_logit(link_share) - rate * day_count]))[0] * (pair_count - len(pairs.days))
        links = float(linked.sum()) + unseen
        before = rate
        link_share = (links + priors.weight * prior_share) / (pair_count + priors.weight)
        seen = float(linked @ pairs.days)
        rate = (seen + priors.weight * priors.visits_per_day) / (links * day_count + priors.weight)
        mistaken = (total - seen + priors.weight * priors.mistaken_share) / (total + priors.weight)
        if abs(rate - before) < _SETTLED:
            break
    odds = _log_odds(pairs, link_share, rate * day_count, mistaken)
    against = np.logaddexp(-odds, _commuting(pairs, priors.commuter_share))
    return Strength(-against, link_share, rate, mistaken)


def _log_odds(pairs: PairDays, link_share: float, linked_days: float, mistaken: float) -> Floats:
    """Two Poisson likelihoods against each other; the factorials cancel."""
    chance = np.maximum(mistaken * pairs.chance, _LEAST)
    likelihood = pairs.days * (np.log(max(linked_days, _LEAST)) - np.log(chance)) - linked_days + chance
    return np.asarray(_logit(link_share) + likelihood, dtype=np.float64)


def _commuting(pairs: PairDays, commuter_share: float) -> Floats:
    """Log-odds of a commuter against a visitor; minus infinity where a weekend or a night tells otherwise."""
    at_work = _logit(commuter_share) + pairs.working_days * np.log(7 / 5)
    return np.where(pairs.is_by_day_only, at_work, -np.inf)


def probabilities(log_odds: Floats) -> Floats:
    """Log-odds as probabilities, 0..1."""
    return _logistic(log_odds)


def both(log_odds: Floats, certainty: Floats) -> Floats:
    """Log-odds of two independent things at once: one given by its log-odds, one by its probability."""
    joint = np.clip(_logistic(log_odds) * certainty, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(joint) - np.log1p(-joint), dtype=np.float64)


def _logit(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))


def _logistic(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -500, 500))), dtype=np.float64)
