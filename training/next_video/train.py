"""Trains one model on one split: both halves, judged on validation, scored on the test, then fitted to everything."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import BlendShares
from core.logs import progress
from training.datasets.interactions import Interactions
from training.datasets.splits import Split
from training.next_video.baselines import fixed_baselines
from training.next_video.config import TrainingConfig
from training.next_video.evaluate import (
    COMBINATION,
    SEQUENCE,
    SIMILARITY,
    Contenders,
    Figures,
    TasteOf,
    drawn,
    evaluate,
)
from training.next_video.fit import Curve, Learner, Limits
from training.next_video.packing import PackedRows, packed
from training.next_video.sequence_model import SequenceModel
from training.next_video.similarity import fit_similarity
from training.next_video.study import Choice, Study
from training.next_video.validation import ValidationJudge


@dataclass(frozen=True)
class Trained:
    """A model and what is known about it."""

    model: ClassModel
    learner: Learner
    curve: Curve
    figures: dict[str, Figures]
    counts: dict[str, int]
    seconds_of: dict[str, float]
    """Training time of each contender; the combination's is that of both halves."""
    choice: Choice | None = None
    """What a study chose on validation."""

    @property
    def train_seconds(self) -> float:
        return self.seconds_of[COMBINATION]


def train_and_evaluate(
    name: str,
    split: Split,
    config: TrainingConfig,
    blend: BlendShares,
    taste_of: TasteOf = lambda _: None,
    seconds: float | None = None,
    study: Study | None = None,
    start: Learner | None = None,
) -> Trained:
    """Learn from the training rows, stop by validation, score the test; the test has no say in the learning.

    Args:
        name: of the model.
        split: training, validation and test.
        config: set by hand.
        blend: the shares that serve.
        taste_of: taste scores of a target.
        seconds: that learning may take.
        study: of ``mediathek next-video evaluate`` only: more baselines, set on validation, and so the shares.
        start: of all device classes, cut at the same time: this model borrows from it.
    """
    rng = np.random.default_rng(config.seed)
    training = split.training
    judged = drawn(split.validation, config.sequence.validation_users, rng)
    timer = _Timer()
    learner, curve = learned(name, split, judged, config, seconds, start)
    timer.lap(SEQUENCE)
    model = class_model(name, training, learner, config)
    timer.lap(SIMILARITY)
    timer.seconds[COMBINATION] = timer.seconds[SEQUENCE] + timer.seconds[SIMILARITY]
    choice = study.choose(model, split, judged, config, blend) if study else None
    baselines = choice.baselines if choice else fixed_baselines(training, config.knn_neighbours, config.threads)
    timer.seconds |= {key: baseline.seconds for key, baseline in baselines.items()}
    targets = drawn(split.test, config.max_test_users, rng)
    scorers = {key: baseline.scorer for key, baseline in baselines.items()}
    contenders = Contenders(model, choice.blend if choice else blend, scorers)
    figures = evaluate(contenders, split, targets, rng, config.bootstrap_samples, taste_of)
    progress(f"{name}: NDCG@10 " + ", ".join(f"{key} {value['ndcg_at_10']:.4f}" for key, value in figures.items()))
    counts = {
        "rows": len(split.interactions),
        "training_rows": len(training),
        "devices": len(np.unique(split.interactions.user)),
        "validation_devices": len(judged),
        "test_devices": len(targets),
    }
    return Trained(model, learner, curve, figures, counts, timer.seconds, choice)


def learned(
    name: str,
    split: Split,
    judged: npt.NDArray[np.int64],
    config: TrainingConfig,
    seconds: float | None = None,
    start: Learner | None = None,
) -> tuple[Learner, Curve]:
    """The sequence half from the training rows, stopped by the validation targets ``judged``.

    With a ``start`` it goes on from there, and stays there where the plays teach nothing better. Nobody to judge by:
    a few epochs from nothing, and none from a start.
    """
    training, judge = split.training, None
    epochs = 0 if start else config.sequence.patience
    if len(judged):
        judge, epochs = ValidationJudge(split, judged, config.sequence.max_length), config.sequence.max_epochs
    model = SequenceModel(len(training.items), config.sequence, training.item_counts, config.seed)
    learner = Learner(model, start=start)
    return learner, learner.fit(_rows(training, config), Limits(epochs, seconds), config.seed, judge, name)


def refit(trained: Trained, interactions: Interactions, config: TrainingConfig) -> Trained:
    """Take in validation and test as well: this model serves.

    The sequence half goes on from where validation stopped it for ``refit_epochs`` passes over every play up to
    ``as_of``; the similarity half is fitted anew. The figures stay those of the model before, which had seen neither.
    """
    limits = Limits(config.sequence.refit_epochs)
    trained.learner.fit(_rows(interactions, config), limits, config.seed + 1000)
    return replace(trained, model=class_model(trained.model.name, interactions, trained.learner, config))


def _rows(interactions: Interactions, config: TrainingConfig) -> PackedRows:
    return packed(list(interactions.sequences()), config.sequence.max_length)


def class_model(name: str, interactions: Interactions, learner: Learner, config: TrainingConfig) -> ClassModel:
    """Both halves as arrays; the similarity half is fitted here."""
    return ClassModel(
        name=name,
        vocabulary=interactions.items,
        popularity=interactions.item_counts.astype(np.float32),
        sequence=learner.model.scorer(),
        similarity=fit_similarity(interactions, config.similarity, config.seed, config.threads),
    )


class _Timer:
    """Seconds between laps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = now - self._at
        self._at = now


def describe(trained: Trained) -> dict[str, Any]:
    """A model's entry in the manifest."""
    return {
        **trained.counts,
        "metrics": trained.figures,
        "loss_curve": {"loss": trained.curve.loss, "validation_ndcg": trained.curve.validation_ndcg},
        "epochs": trained.curve.best_epoch,
        "train_seconds": {name: round(seconds, 2) for name, seconds in trained.seconds_of.items()},
    }
