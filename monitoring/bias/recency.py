"""Recency (NV-M1): how old what is recommended is, against what is watched and what is on offer."""

from functools import partial

import numpy as np

from monitoring.bias.figures import Series
from monitoring.bias.measured import Measured
from monitoring.bias.observed import Content, Observed, Rows
from monitoring.bias.resampling import Estimate, Floats, Resampling, centred, weighted_quantile

_SHARES = {"median": 0.5, "p90": 0.9}
_CURVE = tuple(round(0.05 * step, 2) for step in range(1, 20))


def recency(observed: Observed, resampling: Resampling, seed: int) -> list[Measured]:
    """Median and 90th percentile of the three ages, and the share of the offer that can never be trained on."""
    content = observed.content
    ages = content.age_days[observed.flat]
    known = ~np.isnan(ages)
    ages, request_of = ages[known], observed.request_of[known]
    offered = content.age_days[content.is_offered & ~np.isnan(content.age_days)]
    curves = _curves(ages, content, offered)
    found = []
    for name, share in _SHARES.items():
        shown = resampling.estimate(partial(_quantile, ages, request_of, share))
        watched = _of_plays(content, share, seed)
        stock = _of_rows(offered, share, seed)
        has_plot = name == "median"
        found += [
            Measured(f"age_recommended_{name}_days", shown, "lines" if has_plot else None, curves if has_plot else ()),
            Measured(f"age_watched_{name}_days", watched),
            Measured(f"age_stock_{name}_days", stock),
        ]
    return [*found, Measured("never_trainable_share", _never_trainable(content))]


def _quantile(ages: Floats, request_of: Rows, share: float, weights: Floats) -> float:
    return weighted_quantile(ages, weights[request_of], share)


def _of_plays(content: Content, share: float, seed: int) -> Estimate:
    """Quantile of the age of what was watched; resampled by content and day, of which plays depend on each other."""
    counts, ages = content.watched_count, content.watched_age_days
    if len(ages) == 0:
        return Estimate(np.nan, np.nan, np.nan)
    draws = Resampling.of(len(ages), seed).weights[:200]
    sampled = np.array([weighted_quantile(ages, counts * weights, share) for weights in draws])
    return centred(weighted_quantile(ages, counts, share), sampled)


def _of_rows(ages: Floats, share: float, seed: int) -> Estimate:
    if len(ages) == 0:
        return Estimate(np.nan, np.nan, np.nan)
    rng = np.random.default_rng(seed)
    sampled = np.array([np.quantile(rng.choice(ages, len(ages)), share) for _ in range(200)])
    return centred(float(np.quantile(ages, share)), sampled)


def _never_trainable(content: Content) -> Estimate:
    """Share of the offer that NV-T3 keeps out; Wilson's interval (1927), which has a width even at 0."""
    from statsmodels.stats.proportion import proportion_confint

    stock = int(content.is_offered.sum())
    if stock == 0:
        return Estimate(np.nan, np.nan, np.nan)
    kept_out = int((content.is_offered & ~content.is_trainable).sum())
    low, high = proportion_confint(kept_out, stock, method="wilson")
    return Estimate(kept_out / stock, float(low), float(high))


def _curves(ages: Floats, content: Content, offered: Floats) -> tuple[Series, ...]:
    """Age by share: for each 5 % step, the age that so much of it is at most."""
    sides = (
        ("empfohlen", "recommended", ages, np.ones(len(ages))),
        ("gesehen", "watched", content.watched_age_days, content.watched_count),
        ("im Angebot", "on offer", offered, np.ones(len(offered))),
    )
    return tuple(
        Series(de, en, _CURVE, tuple(round(weighted_quantile(values, weights, share), 2) for share in _CURVE))
        for de, en, values, weights in sides
        if len(values)
    )
