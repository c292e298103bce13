"""NV-T4: both halves and the taste become one score."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.algorithms.next_video.bundle import ClassModel
from core.algorithms.next_video.ranking import combine, genre_codes, standardised, taste_scores
from core.algorithms.next_video.untrained import untrained_model


@dataclass(frozen=True)
class Shares:
    sequence: float = 0.65
    similarity: float = 0.30
    taste: float = 0.05


@pytest.fixture
def model() -> ClassModel:
    return untrained_model("tv", [f"v{number}" for number in range(40)], np.random.default_rng(5), width=8)


def test_nv_t4_without_a_history_the_sequence_half_has_no_say(model: ClassModel) -> None:
    with_blend = combine(model, [], 3, Shares())
    without = combine(model, [], 3, Shares(sequence=0.0))
    np.testing.assert_array_equal(with_blend.scores, without.scores)
    assert not with_blend.is_from_sequence.any()
    assert {with_blend.source(row) for row in range(40)} == {"similarity"}


def test_with_a_history_each_item_names_the_half_that_contributed_more(model: ClassModel) -> None:
    ranking = combine(model, [1, 2], 3, Shares())
    sequence = 0.65 * standardised(model.sequence_scores([1, 2, 3]))
    similarity = 0.30 * standardised(model.similarity_scores(3, [1, 2]))
    np.testing.assert_allclose(ranking.scores, sequence + similarity, rtol=1e-5)
    assert [ranking.source(row) for row in range(40)] == [
        "sequence" if own > other else "similarity" for own, other in zip(sequence, similarity, strict=True)
    ]
    assert ranking.is_from_sequence.any()
    assert not ranking.is_from_sequence.all()


def test_a_current_that_the_model_does_not_know_is_ranked_by_the_history(model: ClassModel) -> None:
    ranking = combine(model, [1, 2], None, Shares(similarity=0.0))
    np.testing.assert_allclose(ranking.scores, 0.65 * standardised(model.sequence_scores([1, 2])), rtol=1e-5)


def test_an_unknown_current_without_history_is_ranked_by_popularity(model: ClassModel) -> None:
    ranking = combine(model, [], None, Shares())
    assert np.argsort(-ranking.scores, kind="stable").tolist() == list(range(40))


def test_a_taste_lifts_the_videos_of_its_genre(model: ClassModel) -> None:
    codes = genre_codes(["sport" if row == 7 else "news" for row in range(40)], ["news", "sport"])
    taste = taste_scores({"sport": 0.9, "news": 0.1}, codes, ["news", "sport"])
    plain, lifted = combine(model, [1], 3, Shares()), combine(model, [1], 3, Shares(), taste)
    change = lifted.scores - plain.scores
    assert int(np.argmax(change)) == 7
    assert change[7] > 0 > change[0]


def test_a_genre_without_a_taste_counts_nothing() -> None:
    codes = genre_codes(["opera", None, "news"], ["news"])
    assert taste_scores({"news": 0.4}, codes, ["news"]).tolist() == pytest.approx([0.0, 0.0, 0.4])


def test_constant_scores_decide_nothing() -> None:
    assert standardised(np.full(4, 2.5, np.float32)).tolist() == [0.0] * 4
