"""Exposure (NV-M1): which part of the offer is shown, and whether kinds of content get their share."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from monitoring.bias.figures import Series
from monitoring.bias.measured import Measured
from monitoring.bias.observed import NONE, Observed
from monitoring.bias.resampling import Floats, Resampling

_MAX_GROUPS = 10
_MIN_STOCK = 5
"""Groups with fewer videos on offer say nothing: one video more or less doubles their share."""


def exposure(observed: Observed, resampling: Resampling) -> list[Measured]:
    """Coverage, share of impressions over share of the offer by genre and collection, and divergences (RADio)."""
    content = observed.content
    offered = content.is_offered
    stock = max(1, int(offered.sum()))
    impressions = observed.shown[:, offered]
    found = [
        Measured("coverage_share", resampling.estimate(lambda w: float(np.count_nonzero(w @ impressions) / stock)))
    ]
    for name, values in (("genre", content.genre), ("collection", content.collection)):
        measured = _over_stock(observed, resampling, name, values)
        if measured is not None:
            found.append(measured)
    return found + _divergences(observed, resampling)


def _over_stock(observed: Observed, resampling: Resampling, name: str, values: Sequence[str]) -> Measured | None:
    """The group that gets most beyond its share of the offer, and bars for all; None without a comparison."""
    content = observed.content
    labels = np.array(values)
    stock = {str(group): int((labels[content.is_offered] == group).sum()) for group in np.unique(labels)}
    groups = sorted((group for group, count in stock.items() if count >= _MIN_STOCK), key=lambda each: -stock[each])
    groups = [group for group in groups if group != NONE or name == "genre"][:_MAX_GROUPS]
    if len(groups) < 2:
        return None
    stock_share = np.array([stock[group] for group in groups]) / content.is_offered.sum()
    shown = observed.shown @ np.stack([labels == group for group in groups], axis=1).astype(np.float64)
    totals = observed.shown.sum(axis=1)

    def ratio(place: int, weights: Floats) -> float:
        whole = float(weights @ totals)
        return float(weights @ shown[:, place]) / whole / float(stock_share[place]) if whole else np.nan

    each = [resampling.estimate(partial(ratio, place)) for place in range(len(groups))]
    largest = max(range(len(groups)), key=lambda place: np.nan_to_num(each[place].value))
    if each[largest].value == 0:
        return None  # NV-C2 keeps every one of them out: the rules say so already
    bars = Series(
        "Anteil an Empfehlungen ÷ Anteil am Angebot",
        "share of recommendations ÷ share of the offer",
        tuple(groups),
        tuple(round(one.value, 4) for one in each),
        tuple(round(max(0.0, one.low), 4) for one in each),
        tuple(round(one.high, 4) for one in each),
    )
    has_values = all(np.isfinite(one.value) for one in each)
    return Measured(
        f"exposure_{name}_ratio",
        each[largest],
        "bars" if has_values else None,
        (bars,) if has_values else (),
        {name: groups[largest]},
    )


def _divergences(observed: Observed, resampling: Resampling) -> list[Measured]:
    """Jensen-Shannon divergence of genres, ranks discounted, per request (RADio: Vrijenhoek 2022, arXiv 2209.13520)."""
    content = observed.content
    genres = sorted(set(content.genre))
    code_of = {genre: code for code, genre in enumerate(genres)}
    codes = np.array([code_of[genre] for genre in content.genre], dtype=np.int64)
    stock = np.bincount(codes[content.is_offered], minlength=len(genres)).astype(np.float64)
    against_history = np.full(len(observed.items), np.nan)
    against_stock = np.full(len(observed.items), np.nan)
    for request, (items, history) in enumerate(zip(observed.items, observed.histories, strict=True)):
        if len(items) == 0:
            continue
        discounts = 1 / np.log2(np.arange(2, len(items) + 2))
        shown = np.bincount(codes[items], discounts, minlength=len(genres)).astype(np.float64)
        against_stock[request] = divergence(shown, stock)
        if len(history):
            watched = np.bincount(codes[history], minlength=len(genres)).astype(np.float64)
            against_history[request] = divergence(shown, watched)
    return [
        Measured("divergence_genre_history", resampling.mean(against_history)),
        Measured("divergence_genre_stock", resampling.mean(against_stock)),
    ]


def divergence(left: Floats, right: Floats) -> float:
    """Jensen-Shannon divergence in bits (Lin 1991): 0 for equal distributions, 1 for disjoint ones."""
    p, q = left / left.sum(), right / right.sum()
    middle = (p + q) / 2
    return float(_relative_entropy(p, middle) / 2 + _relative_entropy(q, middle) / 2)


def _relative_entropy(p: Floats, q: Floats) -> float:
    is_there = p > 0
    return float((p[is_there] * np.log2(p[is_there] / q[is_there])).sum())
