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
_RATES_TRIED = (1.0, 0.3, 0.1, 3.0)
"""Times the rate believed beforehand."""


@dataclass(frozen=True)
class PairDays:
    """Pairs with at least one visit; parallel arrays (n,)."""

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


@dataclass(frozen=True)
class _State:
    """The three estimates, and how well they explain everything (log posterior but for constants)."""

    link_share: float
    rate: float
    mistaken: float
    fit: float


def strengths(pairs: PairDays, household_count: int, day_count: float, priors: StrengthPriors) -> Strength:
    """Estimate the model and return every pair's log-odds.

    ``day_count``: days observed. Deterministic; the same whatever the order of the pairs. The estimation climbs to a
    peak near where it begins, so it begins at several rates of visits and keeps the best.
    """
    if not len(pairs.days):
        return Strength(np.zeros(0), 0.0, priors.visits_per_day, priors.mistaken_share)
    pair_count = max(household_count * (household_count - 1) / 2, float(len(pairs.days)), 2.0)
    prior_share = min(priors.links_per_household * household_count / 2 / pair_count, 0.5)
    climbs = [
        _climb(pairs, pair_count, day_count, priors, prior_share, priors.visits_per_day * factor)
        for factor in _RATES_TRIED
    ]
    best = max(climbs, key=lambda state: state.fit)
    odds = _log_odds(pairs, best.link_share, best.rate * day_count, best.mistaken)
    against = np.logaddexp(-odds, _commuting(pairs, priors.commuter_share))
    return Strength(-against, best.link_share, best.rate, best.mistaken)


def _climb(
    pairs: PairDays, pair_count: float, day_count: float, priors: StrengthPriors, prior_share: float, rate: float
) -> _State:
    """Expectation and maximisation from one beginning."""
    link_share, mistaken = prior_share, priors.mistaken_share
    total = float(pairs.days.sum())
    for _ in range(_ROUNDS):
        linked = _logistic(_log_odds(pairs, link_share, rate * day_count, mistaken))
        unseen = _logistic(np.array([_logit(link_share) - rate * day_count]))[0] * (pair_count - len(pairs.days))
        links = float(linked.sum()) + unseen
        before = rate
        link_share = (links + priors.weight * prior_share) / (pair_count + priors.weight)
        seen = float(linked @ pairs.days)
        rate = (seen + priors.weight * priors.visits_per_day) / (links * day_count + priors.weight)
        mistaken = (total - seen + priors.weight * priors.mistaken_share) / (total + priors.weight)
        if abs(rate - before) < _SETTLED:
            break
    return _State(link_share, rate, mistaken, _fit(pairs, pair_count, day_count, (link_share, rate, mistaken), priors))


def _fit(
    pairs: PairDays,
    pair_count: float,
    day_count: float,
    estimates: tuple[float, float, float],
    priors: StrengthPriors,
) -> float:
    """Log posterior of the estimates but for what does not depend on them."""
    link_share, rate, mistaken = estimates
    chance = np.maximum(mistaken * pairs.chance, _LEAST)
    by_mistake = pairs.days * np.log(chance) - chance + np.log1p(-link_share)
    by_link = pairs.days * np.log(rate * day_count) - rate * day_count + np.log(link_share)
    seen = float(np.logaddexp(by_mistake, by_link).sum())
    # pairs that were never seen: mistakes elsewhere would have had to miss all of them
    missed = mistaken * max(float(pairs.days.sum()) - float(pairs.chance.sum()), 0.0)
    unseen = (pair_count - len(pairs.days)) * float(
        np.logaddexp(np.log1p(-link_share), _log_of_none(link_share, rate * day_count))
    )
    prior = priors.weight * (priors.visits_per_day * np.log(rate) - rate)
    prior += priors.weight * (
        priors.mistaken_share * np.log(mistaken) + (1 - priors.mistaken_share) * np.log1p(-mistaken)
    )
    return seen + unseen - missed + float(prior)


def _log_of_none(link_share: float, linked_days: float) -> float:
    return float(np.log(link_share) - linked_days)


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
