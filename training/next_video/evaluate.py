"""Full ranking on a split's targets: both halves, their combination and the baselines, each by the code that serves.

As in serving, the newest item of a target's history is the current video and the others are the history.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.arrays import FloatArray
from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import BlendShares, combine
from core.algorithms.next_video.sequences import model_input
from training.datasets.splits import Split
from training.next_video.baselines import Scorer
from training.next_video.exposure import ages_days
from training.next_video.metrics import RankingFigures

COMBINATION = "combination"
SEQUENCE = "sequence"
SIMILARITY = "similarity"

Figures = dict[str, float | list[float]]
TasteOf = Callable[[int], FloatArray | None]
"""Taste scores (n,) for a target row, as known at its time; None where nothing was."""


@dataclass(frozen=True)
class Contenders:
    """What is compared on the same targets."""

    model: ClassModel
    blend: BlendShares
    baselines: Mapping[str, Scorer]

    @property
    def names(self) -> tuple[str, ...]:
        return (SEQUENCE, SIMILARITY, COMBINATION, *self.baselines)

    def scores(self, history: Sequence[int], taste: FloatArray | None) -> Mapping[str, FloatArray]:
        """Scores (n,) of every contender after a history that is not empty."""
        *earlier, current = history
        rows = model_input(earlier, current, self.model.sequence.max_length)
        return {
            SEQUENCE: self.model.sequence_scores(rows),
            SIMILARITY: self.model.similarity_scores(current, earlier),
            COMBINATION: combine(self.model, earlier, current, self.blend, taste).scores,
            **{name: scorer.scores(history) for name, scorer in self.baselines.items()},
        }


def drawn(targets: npt.NDArray[np.int64], count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """At most ``count`` targets, drawn at random, in their order."""
    if len(targets) <= count:
        return targets
    return np.sort(rng.choice(targets, count, replace=False))


def evaluate(
    contenders: Contenders,
    split: Split,
    targets: npt.NDArray[np.int64],
    rng: np.random.Generator,
    bootstrap_samples: int,
    taste_of: TasteOf = lambda _: None,
) -> dict[str, Figures]:
    """Figures of every contender, by name; rated items are removed from the ranking (NV-P1).

    Each with its distance to the one with the best NDCG@10, user by user.
    """
    gathered = {name: RankingFigures(len(contenders.model.vocabulary)) for name in contenders.names}
    first_met = split.first_met_ms
    for target in targets.tolist():
        history = split.history(target)
        wanted = int(split.interactions.item[target])
        ages = ages_days(first_met, int(split.interactions.at_ms[target]))
        for name, scores in contenders.scores(history, taste_of(target)).items():
            gathered[name].add(scores, wanted, history, ages)
    result = {name: figures.summary(rng, bootstrap_samples) for name, figures in gathered.items()}
    if len(targets):
        best = gathered[max(result, key=lambda name: result[name]["ndcg_at_10"])]
        for name, figures in gathered.items():
            result[name] |= figures.behind(best, rng, bootstrap_samples)
    return result
