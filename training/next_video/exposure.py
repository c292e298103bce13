"""What the top ten show beyond hits: how much of the catalogue, how evenly, and how old.

Intervals are by bootstrap over users (Efron 1979). A resampling holds fewer distinct users than there were, so that
coverage and Gini come out askew in it: their spread is right and their place is not, so it is moved to the value.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

NAMES = ("coverage_at_10", "gini_at_10", "age_days_at_10")
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

_DAY_MS = 86_400_000


def ages_days(first_met_ms: npt.NDArray[np.int64], at_ms: int) -> Floats:
    """Days (n,) since anybody first played each item, as known at ``at_ms``; 0 for what nobody had played yet."""
    return np.maximum(at_ms - first_met_ms, 0) / _DAY_MS


def gini(counts: Floats) -> float:
    """0: every item is shown equally often; near 1: one item gets it all (Gini 1912). Items never shown count."""
    total = float(counts.sum())
    if total == 0:
        return 0.0
    ordered = np.sort(counts)
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * total))


def figures(
    shown: Sequence[Rows], ages: Sequence[float], item_count: int, rng: np.random.Generator, samples: int
) -> dict[str, float | list[float]]:
    """``coverage_at_10``, ``gini_at_10``, ``age_days_at_10``, each with ``<name>_interval``: [low, high].

    Args:
        shown: item rows shown to each user; not empty.
        ages: mean age in days of what each user is shown; NaN where that is unknown.
        item_count: items on offer.
        rng: draws the users of each resampling.
        samples: resamplings, 1 or more.
    """
    users = np.repeat(np.arange(len(shown)), [len(rows) for rows in shown])
    rows = np.concatenate([np.asarray(each, dtype=np.intp) for each in shown])
    known_ages = np.asarray(ages, dtype=np.float64)

    def all_of(weights: Floats) -> Floats:
        counts = np.bincount(rows, weights=weights[users], minlength=item_count).astype(np.float64)
        known = ~np.isnan(known_ages) & (weights > 0)
        age = np.average(known_ages[known], weights=weights[known]) if known.any() else np.nan
        return np.array([np.count_nonzero(counts) / max(item_count, 1), gini(counts), age])

    values = all_of(np.ones(len(shown)))
    sampled = _resampled(all_of, len(shown), rng, samples)
    result: dict[str, float | list[float]] = {}
    for place, name in enumerate(NAMES):
        if np.isnan(values[place]):
            continue
        result[name] = float(values[place])
        low, high = np.quantile(sampled[:, place], [0.025, 0.975]) - sampled[:, place].mean()
        result[f"{name}_interval"] = [float(values[place] + low), float(values[place] + high)]
    return result


def _resampled(statistic: Callable[[Floats], Floats], count: int, rng: np.random.Generator, samples: int) -> Floats:
    share = np.full(count, 1 / count)
    return np.array([statistic(rng.multinomial(count, share).astype(np.float64)) for _ in range(samples)])
