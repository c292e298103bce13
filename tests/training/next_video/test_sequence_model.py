"""NV-T4: the sequence half. Needs TensorFlow."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from training.next_video.config import SequenceConfig

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config() -> SequenceConfig:
    return SequenceConfig(width=16, max_length=12, batch_rows=8, min_steps=30, max_epochs=20, patience=3)


def test_serving_computes_in_numpy_what_keras_computes(config: SequenceConfig) -> None:
    """The same scores to 1e-5, for short, full and overlong sequences."""
    from training.next_video.sequence_model import SequenceModel

    rng = np.random.default_rng(4)
    model = SequenceModel(50, config, rng.integers(1, 100, 50), seed=1)
    for variable in model.trainable_variables:  # far from the start, where much would be zero
        variable.assign(variable + rng.normal(0, 0.3, variable.shape).astype(np.float32))
    scorer = model.scorer()
    for length in (1, 2, 11, 12, 30):
        rows = rng.integers(0, 50, length).tolist()
        np.testing.assert_allclose(scorer.scores(rows), model.logits(rows), rtol=1e-5, atol=1e-5)


def test_a_place_sees_neither_later_places_nor_other_devices(config: SequenceConfig) -> None:
    from training.next_video.packing import packed
    from training.next_video.sequence_model import SequenceModel

    model = SequenceModel(50, config, np.ones(50, np.int64), seed=1)

    def states(*sequences: list[int]) -> np.ndarray:
        rows = packed(sequences, config.max_length)
        return model(rows.inputs, rows.positions, rows.segments).numpy()[0]

    alone = states([1, 2, 3, 4, 5])
    other_future = states([1, 2, 9, 8, 7])
    beside_another = states([1, 2, 3, 4, 5], [20, 21, 22])
    np.testing.assert_allclose(alone[:2], other_future[:2], atol=1e-6)
    assert np.abs(alone[2] - other_future[2]).max() > 1e-3
    np.testing.assert_allclose(alone[:4], beside_another[:4], atol=1e-6)


def test_learning_finds_the_rule_that_the_plays_follow(config: SequenceConfig) -> None:
    """After video i comes i + 1: the model learns it, the loss falls, and the best epoch's weights are kept."""
    from training.next_video.fit import Learner, Limits
    from training.next_video.packing import packed
    from training.next_video.sequence_model import SequenceModel

    rng = np.random.default_rng(1)
    sequences = [[(start + step) % 30 for step in range(10)] for start in rng.integers(0, 30, 120)]
    learner = Learner(SequenceModel(30, config, np.ones(30, np.int64), seed=1))
    curve = learner.fit(packed(sequences, config.max_length), Limits(epochs=8), seed=1)
    assert curve.loss[-1] < curve.loss[0] / 2
    scorer = learner.model.scorer()
    assert [int(np.argmax(scorer.scores([row - 2, row - 1, row]))) for row in range(2, 29)] == list(range(3, 30))


def test_nv_t6_learning_stops_by_a_fixed_patience_and_keeps_the_best(config: SequenceConfig) -> None:
    from training.next_video.fit import Learner, Limits
    from training.next_video.packing import packed
    from training.next_video.sequence_model import SequenceModel

    verdicts = iter([0.1, 0.3, 0.2, 0.2, 0.1, 0.9])
    kept = []

    def judge(model: SequenceModel) -> float:
        kept.append(model.scorer().arrays["items"].copy())
        return next(verdicts)

    learner = Learner(SequenceModel(30, config, np.ones(30, np.int64), seed=1))
    curve = learner.fit(packed([[1, 2, 3, 4]] * 20, config.max_length), Limits(epochs=20), seed=1, judge=judge)
    assert curve.validation_ndcg == [0.1, 0.3, 0.2, 0.2, 0.1]
    assert curve.best_epoch == 2
    np.testing.assert_array_equal(learner.model.scorer().arrays["items"], kept[1])


def test_what_was_borrowed_stays_unless_learning_makes_it_better(config: SequenceConfig) -> None:
    """NV-T1: a class with little data goes on from the model of all classes, and never ends below it."""
    from training.next_video.fit import Learner, Limits
    from training.next_video.packing import packed
    from training.next_video.sequence_model import SequenceModel

    def model(seed: int) -> SequenceModel:
        return SequenceModel(30, config, np.ones(30, np.int64), seed=seed)

    shared = Learner(model(1))
    few = packed([[1, 2, 3, 4]] * 3, config.max_length)

    def borrowed(*verdicts: float) -> tuple[Learner, int]:
        verdict = iter(verdicts)
        learner = Learner(model(2), start=shared)
        return learner, learner.fit(few, Limits(epochs=3), 1, judge=lambda _: next(verdict)).best_epoch

    learner, best_epoch = borrowed(0.5, 0.4, 0.5, 0.3)
    assert best_epoch == 0
    np.testing.assert_array_equal(learner.model.get_weights()[0], shared.model.get_weights()[0])
    learner, best_epoch = borrowed(0.5, 0.4, 0.6, 0.3)
    assert best_epoch == 2
    assert np.abs(learner.model.get_weights()[0] - shared.model.get_weights()[0]).max() > 0


def test_a_time_budget_ends_the_learning_between_two_steps(config: SequenceConfig) -> None:
    from training.next_video.fit import Learner, Limits
    from training.next_video.packing import packed
    from training.next_video.sequence_model import SequenceModel

    ticks = count()  # every look at the clock is a second later
    learner = Learner(SequenceModel(30, config, np.ones(30, np.int64), seed=1), clock=lambda: float(next(ticks)))
    curve = learner.fit(packed([[1, 2, 3, 4]] * 20, config.max_length), Limits(epochs=20, seconds=10), seed=1)
    assert len(curve.loss) == 1


def test_a_large_vocabulary_learns_by_sampled_softmax(config: SequenceConfig) -> None:
    from training.next_video.fit import Learner, Limits
    from training.next_video.packing import packed
    from training.next_video.sequence_model import SequenceModel

    sampled = replace(config, full_softmax_items=100, negatives=64)
    rng = np.random.default_rng(1)
    sequences = [[(start + step) % 200 for step in range(10)] for start in rng.integers(0, 200, 300)]
    learner = Learner(SequenceModel(200, sampled, np.ones(200, np.int64), seed=1))
    learner.fit(packed(sequences, sampled.max_length), Limits(epochs=25), seed=1)
    scorer = learner.model.scorer()
    hits = [int(np.argmax(scorer.scores([row - 1, row]))) == row + 1 for row in range(1, 199)]
    assert np.mean(hits) > 0.8


def test_the_judge_ranks_as_the_evaluation_does(config: SequenceConfig) -> None:
    """Early stopping looks at the figure that is reported."""
    from training.datasets.interactions import from_columns
    from training.datasets.splits import leave_one_out
    from training.next_video.metrics import per_user, rank_of
    from training.next_video.sequence_model import SequenceModel
    from training.next_video.validation import ValidationJudge

    rng = np.random.default_rng(6)
    users = np.repeat([f"u{number}" for number in range(9)], 6)
    split = leave_one_out(from_columns(users, [f"v{row}" for row in rng.integers(0, 30, 54)], np.arange(54)))
    item_count = len(split.interactions.items)
    model = SequenceModel(item_count, config, np.ones(item_count, np.int64), seed=1)
    scorer = model.scorer()
    ranks = [
        rank_of(scorer.scores(split.history(row)), int(split.interactions.item[row]), split.history(row))
        for row in split.validation.tolist()
    ]
    judged = ValidationJudge(split, split.validation, config.max_length)(model)
    assert judged == pytest.approx(per_user(ranks)["ndcg_at_10"].mean(), abs=1e-6)


def test_a_cosine_grows_over_the_warm_up_and_falls_with_epochs_or_with_time() -> None:
    from training.next_video.fit import Pace

    config = SequenceConfig(learning_rate=1.0, schedule="cosine", warmup_steps=10)
    untimed = [Pace(config, (epoch, 4), (0.0, None), lambda: 0.0).learning_rate(0, 100) for epoch in range(4)]
    assert untimed[0] == pytest.approx(0.1)
    assert untimed[1] > untimed[2] > untimed[3] > 0.02
    assert Pace(config, (1, 4), (0.0, 100.0), lambda: 99.9).learning_rate(0, 100) == pytest.approx(0.02, abs=1e-4)
