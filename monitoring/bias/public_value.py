"""Novelty, diversity and serendipity, by the names of ZDF's own cards (coverage and popularity lie beside this)."""

import numpy as np

from monitoring.bias.measured import Measured
from monitoring.bias.observed import Content, Observed, Rows
from monitoring.bias.resampling import Floats, Resampling

_OBVIOUS = 10
"""So many of the most played videos on offer are what anybody would have been shown."""


def public_value(observed: Observed, resampling: Resampling) -> list[Measured]:
    """One value a request, averaged over requests."""
    content = observed.content
    obvious = _most_played(content)
    novelty, diversity, serendipity = (np.full(len(observed.items), np.nan) for _ in range(3))
    information = _information(content)
    for request, (items, history) in enumerate(zip(observed.items, observed.histories, strict=True)):
        if len(items):
            novelty[request] = information[items].mean()
        if len(items) > 1:
            diversity[request] = _unlikeness(content, items)
        if len(items) and len(history):
            serendipity[request] = _surprising_yet_fitting(content, items, history, obvious)
    return [
        Measured("novelty_bits", resampling.mean(novelty)),
        Measured("diversity", resampling.mean(diversity)),
        Measured("serendipity", resampling.mean(serendipity)),
    ]


def _information(content: Content) -> Floats:
    """Self-information -log2(share of all plays) of each video (Zhou 2010); one never played counts as one play."""
    plays = np.maximum(content.play_count, 1.0)
    bits: Floats = -np.log2(plays / max(1.0, content.play_count.sum()))
    return bits


def _unlikeness(content: Content, items: Rows) -> float:
    """Mean over all pairs of 1 - Jaccard likeness of genre and categories (intra-list diversity: Ziegler 2005)."""
    labels = [content.labels[item] for item in items]
    unlike = [
        1 - len(labels[one] & labels[other]) / len(labels[one] | labels[other])
        for one in range(len(labels))
        for other in range(one)
    ]
    return float(np.mean(unlike))


def _most_played(content: Content) -> frozenset[int]:
    offered = np.flatnonzero(content.is_offered)
    return frozenset(offered[np.argsort(-content.play_count[offered], kind="stable")[:_OBVIOUS]].tolist())


def _surprising_yet_fitting(content: Content, items: Rows, history: Rows, obvious: frozenset[int]) -> float:
    """Share of items that are surprising (not among the most played, not of the viewer's main genre) and still fit:
    they share a genre or a category with a video watched (after Ge 2010: unexpected against a primitive model).
    """
    watched = [content.labels[item] for item in history]
    known_genres = _main_genres(content, history)
    hits = 0
    for item in items.tolist():
        labels = content.labels[item]
        is_fitting = any(labels & one for one in watched)
        is_surprising = item not in obvious and (content.genre[item] not in known_genres)
        hits += is_fitting and is_surprising
    return hits / len(items)


def _main_genres(content: Content, history: Rows) -> frozenset[str]:
    """The genre that the viewer watches most (several where they are even)."""
    counts: dict[str, int] = {}
    for item in history.tolist():
        counts[content.genre[item]] = counts.get(content.genre[item], 0) + 1
    most = max(counts.values())
    return frozenset(genre for genre, count in counts.items() if count == most)
