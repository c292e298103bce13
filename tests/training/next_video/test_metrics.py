"""Full ranking: figures that cannot flatter."""

import numpy as np
import pytest

from training.next_video.metrics import RankingFigures, interval, per_user, rank_of, top_rows


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_rank_is_among_all_items_that_the_user_has_not_met() -> None:
    assert rank_of(scores(9, 8, 7, 6), target=3, met=[]) == 4
    assert rank_of(scores(9, 8, 7, 6), target=3, met=[0, 2, 2]) == 2


def test_a_target_that_was_met_is_ranked_all_the_same() -> None:
    assert rank_of(scores(9, 8, 7), target=1, met=[0, 1]) == 1


def test_ties_count_against_the_model() -> None:
    """Who gives everything the same score is last, not first."""
    assert rank_of(scores(1, 1, 1, 1), target=0, met=[]) == 4


def test_the_top_ten_holds_nothing_that_was_met() -> None:
    assert set(top_rows(np.arange(20, dtype=np.float32), met=[19, 18])) == set(range(8, 18))
    assert top_rows(scores(1, 2), met=[0, 1]).size == 0


def test_figures_of_a_known_ranking() -> None:
    """Ranks 1, 3 and 11: NDCG 1, 1/log2(4), 0; hits 1, 1, 0; reciprocal ranks 1, 1/3, 1/11."""
    figures = per_user([1, 3, 11])
    assert figures["ndcg_at_10"].tolist() == pytest.approx([1, 0.5, 0])
    assert figures["recall_at_10"].tolist() == [1, 1, 0]
    assert figures["mrr"].tolist() == pytest.approx([1, 1 / 3, 1 / 11])


def test_coverage_is_the_share_of_the_catalogue_that_anybody_is_shown() -> None:
    figures = RankingFigures(item_count=40)
    figures.add(np.arange(40, dtype=np.float32), target=39, met=[])
    figures.add(np.arange(40, dtype=np.float32), target=38, met=[39])
    summary = figures.summary(np.random.default_rng(1), 100)
    assert summary["coverage_at_10"] == pytest.approx(11 / 40)
    assert (summary["users"], summary["ndcg_at_10"]) == (2, 1.0)


def test_the_interval_holds_the_mean_and_narrows_with_more_users() -> None:
    rng = np.random.default_rng(3)
    few, many = (np.tile([0.0, 1.0], count) for count in (20, 2000))
    low, high = interval(few, rng, 500)
    narrow_low, narrow_high = interval(many, rng, 500)
    assert low < 0.5 < high
    assert narrow_low < 0.5 < narrow_high
    assert narrow_high - narrow_low < (high - low) / 5


def test_the_distance_to_the_best_is_taken_user_by_user() -> None:
    """Two models that fail the same users differ less surely than their own intervals say."""
    best, other = RankingFigures(9, ranks=[1, 1, 30] * 20), RankingFigures(9, ranks=[1, 3, 30] * 20)
    behind = other.behind(best, np.random.default_rng(1), 300)
    assert behind["ndcg_at_10_to_best"] == pytest.approx(-0.5 / 3)
    low, high = behind["ndcg_at_10_to_best_interval"]
    assert low < -0.5 / 3 < high < 0
    assert best.behind(best, np.random.default_rng(1), 10)["ndcg_at_10_to_best_interval"] == [0, 0]


def test_no_users_give_zeros_and_say_so() -> None:
    assert RankingFigures(5).summary(np.random.default_rng(1), 10)["users"] == 0
