"""The arithmetic of the inferences: naive Bayes whose weights people set, held to the priors (HH-6, HH-9)."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.algorithms.households.inference_settings import Weights

Floats = npt.NDArray[np.float64]

_ROUNDS = 100
_PRIOR_ROWS = 50.0
"""Answers of so many imagined rows that agree with the prior: a handful of real ones does not move the offsets."""


def by_content(counts: Floats, keys: Sequence[str], weights: Weights, prior: Mapping[str, float]) -> Floats:
    """Posterior (n, values) from plays by key, ``counts`` (n, keys), already tempered.

    Multinomial naive Bayes (McCallum and Nigam, AAAI Workshop on Learning for Text Categorization, 1998): people of a
    value watch key ``k`` as often as everybody does, times their weight, normalised. Keys without a weight weigh 1.
    """
    table = np.array([[weights[value].get(key, 1.0) for key in keys] for value in prior])
    usual = counts.sum(axis=0) / max(float(counts.sum()), 1e-300)
    likelihood = np.log(table) - np.log(np.maximum(table @ usual, 1e-300))[:, None]
    return held_to_prior(counts @ likelihood.T, np.array(list(prior.values())))


def by_devices(
    counts: Floats, classes: Sequence[str], weights: Weights, prior: Mapping[str, float], strength: float
) -> Floats:
    """Posterior (n, values) from the devices of each class that a household has, ``counts`` (n, classes).

    Independent Poisson counts: households of a value have as many as the average one, times their weight.
    """
    shares = np.array(list(prior.values()))
    table = np.array([[weights[value].get(each, 1.0) for each in classes] for value in prior])
    rates = table * counts.mean(axis=0) / (shares @ table) if len(counts) else table
    likelihood = counts @ np.log(np.maximum(rates, 1e-300)).T - rates.sum(axis=1)
    return held_to_prior(strength * likelihood, shares)


def held_to_prior(likelihood: Floats, prior: Floats) -> Floats:
    """Turn log-likelihoods (n, values) into posteriors of which the mean agrees with the prior.

    Each value's offset is moved until it does: posterior regularisation (Ganchev et al., Journal of Machine Learning
    Research 11, 2010) with the classes' shares as the constraint. Weights that are too blunt or too sharp for one value
    would else give it too many or too few.
    """
    offsets = np.log(prior)
    answers = _softmax(likelihood + offsets)
    for _ in range(_ROUNDS):
        mean = (answers.sum(axis=0) + _PRIOR_ROWS * prior) / (len(answers) + _PRIOR_ROWS)
        offsets = offsets + np.log(prior / mean)
        answers = _softmax(likelihood + offsets)
    return answers


def doubted(chances: Floats, prior: Mapping[str, float], other_share: float) -> Floats:
    """Mix posteriors with the prior: with so much chance the evidence was not theirs at all."""
    return (1 - other_share) * chances + other_share * np.array(list(prior.values()))


def _softmax(logs: Floats) -> Floats:
    if not len(logs):
        return logs
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)
