"""Popularity (NV-M1): whether everybody gets what everybody watches already."""

from typing import Any

import numpy as np

from monitoring.bias.figures import Series
from monitoring.bias.measured import Measured
from monitoring.bias.observed import Observed
from monitoring.bias.resampling import Floats, Resampling

_TOP_SHARE = 0.01
_MIN_TOP = 5
"""In a small offer the top 1 % would be one video, and the figure would hang on it."""
_LORENZ = tuple(round(0.05 * step, 2) for step in range(21))


def popularity(observed: Observed, resampling: Resampling) -> list[Measured]:
    """Mean plays of what is shown, its ratio to the history's, Gini of impressions, share to the top 1 %."""
    content = observed.content
    offered = np.flatnonzero(content.is_offered)
    plays = content.play_count
    shown_plays = observed.shown @ plays
    shown_count = observed.shown.sum(axis=1)
    total = plays.sum()
    history_mean = float((plays * plays).sum() / total) if total else np.nan
    top_count = min(len(offered), max(_MIN_TOP, round(_TOP_SHARE * len(offered))))
    is_top = np.zeros(len(plays))
    is_top[offered[np.argsort(-plays[offered], kind="stable")[:top_count]]] = 1.0
    shown_top = observed.shown @ is_top
    impressions = observed.shown[:, offered]
    return [
        Measured("plays_recommended_mean", resampling.estimate(lambda w: _ratio(w @ shown_plays, w @ shown_count))),
        Measured(
            "plays_ratio_to_history",
            resampling.estimate(lambda w: _ratio(w @ shown_plays, w @ shown_count) / history_mean),
        ),
        Measured(
            "gini_impressions",
            resampling.estimate(lambda w: gini(w @ impressions)),
            "lines",
            _lorenz(impressions.sum(axis=0), plays[offered]),
        ),
        Measured(
            "top_percent_share",
            resampling.estimate(lambda w: _ratio(w @ shown_top, w @ shown_count)),
            named={"count": str(top_count)},
        ),
    ]


def gini(counts: Floats) -> float:
    """0: all get the same; near 1: one gets all (Gini 1912; zeros count, as everything on offer could be shown)."""
    total = counts.sum()
    if len(counts) == 0 or total == 0:
        return float("nan")
    ordered = np.sort(counts)
    ranks = np.arange(1, len(counts) + 1)
    return float((2 * (ranks * ordered).sum() / (len(counts) * total)) - (len(counts) + 1) / len(counts))


def _ratio(part: Any, whole: Any) -> float:
    return float(part / whole) if whole else float("nan")


def _lorenz(impressions: Floats, plays: Floats) -> tuple[Series, ...]:
    """Share of impressions (plays) that the least shown (played) share of the offer gets."""
    sides = (("Empfehlungen", "recommendations", impressions), ("Abrufe", "plays", plays))
    return tuple(Series(de, en, _LORENZ, _lorenz_curve(counts)) for de, en, counts in sides if counts.sum() > 0)


def _lorenz_curve(counts: Floats) -> tuple[float, ...]:
    below = np.concatenate([[0.0], np.cumsum(np.sort(counts))]) / counts.sum()
    places = np.linspace(0, 1, len(below))
    return tuple(round(float(value), 4) for value in np.interp(_LORENZ, places, below))
