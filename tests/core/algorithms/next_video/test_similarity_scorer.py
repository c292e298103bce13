"""NV-T4: the similarity half needs no history and scores the whole vocabulary."""

import numpy as np
import pytest

from core.algorithms.next_video.similarity_scorer import SimilarityScorer, SimilarityWeights, scaled_log


def scorer(**weights: float) -> SimilarityScorer:
    """Videos 0 and 1 alike, 2 and 3 alike; 0 has video 3 as its neighbour; popularity falls from 3 to 0."""
    chosen = {"neighbours": 0.0, "popularity": 0.0, "history": 0.5, "decay": 0.5, "history_length": 2} | weights
    return SimilarityScorer(
        factors=np.array([[1, 0], [0.8, 0.6], [0, 1], [0, 1]], np.float32),
        neighbour_starts=np.array([0, 1, 1, 1, 1], np.int32),
        neighbour_rows=np.array([3], np.int32),
        neighbour_weights=np.array([1], np.float32),
        log_popularity=scaled_log(np.array([1, 2, 4, 8], np.float32)),
        weights=SimilarityWeights(**chosen),
    )


def test_the_nearest_to_the_current_video_scores_best() -> None:
    assert scorer().scores(0, []).tolist() == pytest.approx([1.0, 0.8, 0.0, 0.0])


def test_neighbours_and_factors_share_the_score() -> None:
    assert scorer(neighbours=0.25).scores(0, []).tolist() == pytest.approx([0.75, 0.6, 0.0, 0.25])


def test_an_unknown_current_without_history_falls_back_to_popularity() -> None:
    scores = scorer().scores(None, [])
    assert np.argsort(-scores).tolist() == [3, 2, 1, 0]


def test_an_unknown_current_with_a_history_goes_by_the_history() -> None:
    assert int(np.argmax(scorer().scores(None, [2]))) in (2, 3)


def test_the_history_weighs_less_than_the_current_and_less_the_older_it_is() -> None:
    """Weights 1 (current 0), 0.5 (newest, 2), 0.25 (older, 0 again: keeps its larger weight of 1)."""
    scores = scorer().scores(0, [0, 2])
    assert scores.tolist() == pytest.approx([1 / 1.5, (0.8 + 0.5 * 0.6) / 1.5, 0.5 / 1.5, 0.5 / 1.5])


def test_only_the_newest_entries_of_the_history_count() -> None:
    assert scorer().scores(None, [0, 2, 3]).tolist() == scorer().scores(None, [2, 3]).tolist()


def test_every_video_has_a_finite_score() -> None:
    assert np.isfinite(scorer(neighbours=0.5, popularity=0.1).scores(1, [0, 3])).all()
