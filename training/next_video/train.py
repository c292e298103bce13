"""Trains one model on one split: both halves, judged on validation, scored on the test, then fitted to everything."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import BlendShares
from core.logs import progress
from training.datasets.interactions import Interactions
from training.datasets.splits import Split
from training.next_video.baselines import fit_item_knn, fit_popularity
from training.next_video.config import TrainingConfig
from training.next_video.evaluate import Contenders, Figures, TasteOf, drawn, evaluate
from training.next_video.fit import Curve, Limits, fit
from training.next_video.packing import packed
from training.next_video.sequence_model import SequenceModel
from training.next_video.similarity import fit_similarity
from training.next_video.validation import ValidationJudge


@dataclass(frozen=True)
class Trained:
    """A model and what is known about it."""

    model: ClassModel
    curve: Curve
    figures: dict[str, Figures]
    counts: dict[str, int]
    keras_model: SequenceModel


def learn(
    name: str,
    interactions: Interactions,
    config: TrainingConfig,
    limits: Limits,
    judge: ValidationJudge | None = None,
) -> tuple[ClassModel, Curve, SequenceModel]:
    """Fit both halves to plays; with a judge, validation decides when the sequence half stops."""
    network = SequenceModel(len(interactions.items), config.sequence, interactions.item_counts, config.seed)
    rows = packed(list(interactions.sequences()), config.sequence.max_length)
    curve = fit(network, rows, limits, config.seed, judge, label=name)
    model = ClassModel(
        name=name,
        vocabulary=interactions.items,
        popularity=interactions.item_counts.astype(np.float32),
        sequence=network.scorer(),
        similarity=fit_similarity(interactions, config.similarity, config.seed, config.threads),
    )
    return model, curve, network


def train_and_evaluate(
    name: str,
    split: Split,
    config: TrainingConfig,
    blend: BlendShares,
    taste_of: TasteOf = lambda _: None,
    seconds: float | None = None,
) -> Trained:
    """Learn from the training rows, stop by validation, score the test; the test has no say in the learning."""
    rng = np.random.default_rng(config.seed)
    training = split.training
    judged = drawn(split.validation, config.sequence.validation_users, rng)
    judge = ValidationJudge(split, judged, config.sequence.max_length)
    limits = Limits(config.sequence.max_epochs, seconds)
    model, curve, network = learn(name, training, config, limits, judge)
    contenders = Contenders(
        model,
        fit_popularity(training),
        fit_item_knn(training, config.knn_neighbours, config.threads),
        blend,
    )
    targets = drawn(split.test, config.max_test_users, rng)
    figures = evaluate(contenders, split, targets, rng, config.bootstrap_samples, taste_of)
    progress(f"{name}: " + ", ".join(f"{key} {value['ndcg_at_10']:.4f}" for key, value in figures.items()))
    counts = {
        "plays": len(split.interactions),
        "training_plays": len(training),
        "devices": len(split.interactions.users),
        "validation_devices": len(judged),
        "test_devices": len(targets),
    }
    return Trained(model, curve, figures, counts, network)


def refit(trained: Trained, interactions: Interactions, config: TrainingConfig) -> Trained:
    """Learn once more, from every play up to ``as_of``, for as many epochs as validation chose: this model serves.

    Its figures are those of the model before it, which had seen neither validation nor test.
    """
    epochs = max(trained.curve.best_epoch, 1)
    model, _, network = learn(trained.model.name, interactions, config, Limits(epochs))
    return replace(trained, model=model, keras_model=network)


def describe(trained: Trained) -> dict[str, Any]:
    """A model's entry in the manifest."""
    return {
        **trained.counts,
        "rows": trained.counts["plays"],
        "metrics": trained.figures,
        "loss_curve": trained.curve.loss,
        "validation_ndcg_curve": trained.curve.validation_ndcg,
        "epochs": trained.curve.best_epoch,
        "fit_seconds": round(trained.curve.seconds, 2),
    }
