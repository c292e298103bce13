"""What ``mediathek next-video evaluate`` chooses on validation: settings of baselines, shares of the combination.

For comparisons only: nothing that is chosen here is ever served (NV-T6); training keeps what was set by hand. Baselines
get the small grids below, so that nobody is beaten because of a bad setting; the shares get one, as those that serve
were set for a broadcaster's plays and other data may want others.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import BlendShares, standardised
from core.algorithms.next_video.sequences import model_input
from core.logs import progress
from training.datasets.interactions import Interactions
from training.datasets.splits import Split
from training.next_video import ease, transitions
from training.next_video.baselines import ITEM_KNN, POPULARITY, Baseline, Scorer, fit_item_knn, fit_popularity, timed
from training.next_video.config import TrainingConfig
from training.next_video.metrics import per_user, rank_of

EASE = "ease"
TRANSITIONS = "transitions"
RIDGES = (10.0, 30.0, 100.0, 300.0, 1000.0)
NEIGHBOURS = (20, 50, 100, 200, 500)
REACHES = (1, 3)
DECAYS = (0.0, 0.5, 0.8, 0.95)
SIMILARITY_SHARES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Of the two halves together; 0 is the sequence half alone."""

Targets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shares:
    """A combination without taste, which a CSV says nothing about."""

    sequence: float
    similarity: float
    taste: float = 0.0


@dataclass(frozen=True)
class Choice:
    """What came out best on validation, and what every candidate reached there."""

    baselines: dict[str, Baseline]
    blend: BlendShares
    validation: dict[str, dict[str, float]]
    """NDCG@10 on validation, by contender and setting."""


@dataclass(frozen=True)
class Study:
    """How a comparison is set; ``has_chosen_shares`` false keeps the shares that serve."""

    has_chosen_shares: bool = True

    def choose(
        self, model: ClassModel, split: Split, judged: Targets, config: TrainingConfig, blend: BlendShares
    ) -> Choice:
        """Fit every candidate to the training rows and keep the best on the validation targets ``judged``."""
        baselines, validation = chosen_baselines(split, judged, config.threads)
        if self.has_chosen_shares and len(judged):
            share, validation["similarity_share"] = _best_share(model, split, judged)
            blend = Shares(1 - share, share)
            progress(f"combination: {share:g} of similarity on validation")
        return Choice(baselines, blend, validation)


Candidates = Iterable[tuple[Mapping[str, float], Callable[[], Scorer]]]
"""Settings and how to fit with them, one after the other: a fitted baseline may be large."""


def _candidates(training: Interactions, threads: int) -> dict[str, Candidates]:
    """Settings to try of each baseline; EASE only where its dense inverse fits."""
    result: dict[str, Candidates] = {
        POPULARITY: [({}, partial(fit_popularity, training))],
        ITEM_KNN: [({"neighbours": count}, partial(fit_item_knn, training, count, threads)) for count in NEIGHBOURS],
        TRANSITIONS: [
            ({"reach": reach, "decay": decay}, partial(transitions.fit_transitions, training, reach, decay))
            for reach, decay in product(REACHES, DECAYS)
        ],
    }
    if len(training.items) <= ease.MAX_ITEMS:
        result[EASE] = [({"ridge": ridge}, partial(ease.fit_ease, training, ridge)) for ridge in RIDGES]
    else:
        progress(f"ease: left out, its dense inverse is for at most {ease.MAX_ITEMS} items")
    return result


def chosen_baselines(
    split: Split, judged: Targets, threads: int
) -> tuple[dict[str, Baseline], dict[str, dict[str, float]]]:
    """The best of each kind on validation, by name, and what every setting reached there."""
    validation: dict[str, dict[str, float]] = {}
    baselines: dict[str, Baseline] = {}
    for name, candidates in _candidates(split.training, threads).items():
        baselines[name], validation[name] = best_on_validation(candidates, split, judged)
        progress(f"{name}: {dict(baselines[name].setting)} on validation")
    return baselines, validation


def best_on_validation(candidates: Candidates, split: Split, judged: Targets) -> tuple[Baseline, dict[str, float]]:
    """The candidate with the best NDCG@10 (the first of equals), and what each reached, by its setting."""
    best: Baseline | None = None
    reached: dict[str, float] = {}
    for setting, fit in candidates:
        baseline = timed(fit, setting)
        value = _ndcg(baseline.scorer, split, judged)
        if best is None or value > max(reached.values()):
            best = baseline
        reached[", ".join(f"{key} {number:g}" for key, number in setting.items()) or "as it is"] = value
    if best is None:
        raise ValueError("there is no candidate")
    return best, reached


def _ndcg(scorer: Scorer, split: Split, judged: Targets) -> float:
    ranks = []
    for target in judged.tolist():
        history = split.history(target)
        ranks.append(rank_of(scorer.scores(history), int(split.interactions.item[target]), history))
    return _mean_ndcg(ranks)


def _best_share(model: ClassModel, split: Split, judged: Targets) -> tuple[float, dict[str, float]]:
    """The similarity half's share with the best NDCG@10 on validation, scored as ``ranking.combine`` does."""
    ranks: dict[float, list[int]] = {share: [] for share in SIMILARITY_SHARES}
    for target in judged.tolist():
        history = split.history(target)
        wanted = int(split.interactions.item[target])
        *earlier, current = history
        similarity = standardised(model.similarity_scores(current, earlier))
        rows = model_input(earlier, current, model.sequence.max_length)
        sequence = standardised(model.sequence_scores(rows)) if earlier else np.zeros_like(similarity)
        for share in SIMILARITY_SHARES:
            both = np.float32(1 - share) * sequence + np.float32(share) * similarity
            ranks[share].append(rank_of(both, wanted, history))
    values = {share: _mean_ndcg(found) for share, found in ranks.items()}
    return max(values, key=lambda share: values[share]), {f"{share:g}": value for share, value in values.items()}


def _mean_ndcg(ranks: list[int]) -> float:
    return float(per_user(ranks)["ndcg_at_10"].mean()) if ranks else 0.0
