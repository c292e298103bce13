"""Ranking figures with intervals: one target a user, ranked among all items but those the user has met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.arrays import FloatArray
from training.next_video import exposure

CUT = 10
NAMES = ("ndcg_at_10", "recall_at_10", "mrr", "coverage_at_10")


def rank_of(scores: FloatArray, target: int, met: Sequence[int]) -> int:
    """Rank (1 is best) of ``target`` among all items except those in ``met``. Ties count against it.

    So a scorer that gives everything the same score is last, not first.
    """
    above = int(np.count_nonzero(scores >= scores[target]))
    others = {row for row in met if row != target}
    return above - sum(1 for row in others if scores[row] >= scores[target])


def top_rows(scores: FloatArray, met: Sequence[int], count: int = CUT) -> npt.NDArray[np.intp]:
    """Rows of the best items that the user has not met."""
    open_scores = scores.copy()
    open_scores[list(met)] = -np.inf
    count = min(count, len(scores) - len(set(met)))
    if count <= 0:
        return np.empty(0, dtype=np.intp)
    return np.argpartition(-open_scores, count - 1)[:count]


@dataclass
class RankingFigures:
    """Gathers one model's answers over users; ``summary`` turns them into figures."""

    item_count: int
    ranks: list[int] = field(default_factory=list)
    shown: list[npt.NDArray[np.intp]] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)

    def add(
        self, scores: FloatArray, target: int, met: Sequence[int], ages: npt.NDArray[np.float64] | None = None
    ) -> None:
        """Take up one user's scores (n,); ``ages`` (n,) in days at that time, where they are known."""
        self.ranks.append(rank_of(scores, target, met))
        top = top_rows(scores, met)
        self.shown.append(top)
        self.ages.append(float(ages[top].mean()) if ages is not None and len(top) else float("nan"))

    def summary(self, rng: np.random.Generator, samples: int) -> dict[str, float | list[float]]:
        """``ndcg_at_10``, ``recall_at_10``, ``mrr``, and of ``exposure.figures`` coverage, Gini and age.

        ``<name>_interval`` is [low, high]: 95 %, by bootstrap over users (Efron 1979).
        """
        if not self.ranks:
            return {**dict.fromkeys(NAMES, 0.0), "users": 0}
        result: dict[str, float | list[float]] = {"users": len(self.ranks)}
        for name, values in per_user(self.ranks).items():
            result[name] = float(values.mean())
            result[f"{name}_interval"] = interval(values, rng, samples)
        return {**result, **exposure.figures(self.shown, self.ages, self.item_count, rng, samples)}

    def behind(self, best: "RankingFigures", rng: np.random.Generator, samples: int) -> dict[str, float | list[float]]:
        """NDCG@10 minus that of ``best``, user by user: the mean, and the interval of the paired difference."""
        mine, theirs = (per_user(each.ranks)["ndcg_at_10"] for each in (self, best))
        difference = mine - theirs
        return {
            "ndcg_at_10_to_best": float(difference.mean()),
            "ndcg_at_10_to_best_interval": interval(difference, rng, samples),
        }


def per_user(ranks: Sequence[int]) -> Mapping[str, npt.NDArray[np.float64]]:
    """Each user's NDCG@10, Recall@10 and reciprocal rank."""
    rank = np.asarray(ranks, dtype=np.float64)
    is_hit = rank <= CUT
    return {"ndcg_at_10": is_hit / np.log2(rank + 1), "recall_at_10": is_hit.astype(np.float64), "mrr": 1 / rank}


def interval(values: npt.NDArray[np.float64], rng: np.random.Generator, samples: int) -> list[float]:
    """95 % interval of the mean by bootstrap: [low, high]."""
    means = np.empty(samples)
    for sample in range(samples):
        means[sample] = values[rng.integers(0, len(values), len(values))].mean()
    low, high = np.quantile(means, [0.025, 0.975])
    return [float(low), float(high)]
