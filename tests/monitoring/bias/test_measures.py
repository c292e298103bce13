"""NV-M1: each measure on data small enough to know its value by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from monitoring.bias.exposure import divergence, exposure
from monitoring.bias.measured import Measured
from monitoring.bias.observed import Content, Observed
from monitoring.bias.popularity import gini, popularity
from monitoring.bias.public_value import public_value
from monitoring.bias.recency import recency
from monitoring.bias.resampling import Resampling, centred, weighted_quantile

GENRES = ("sport", "news", "fiction")


def content(count: int = 60) -> Content:
    """Video n is n days old, was played n times, of a genre in turn; the last ten are no longer on offer."""
    place = np.arange(count)
    return Content(
        ids=tuple(f"v{number}" for number in place),
        genre=tuple(GENRES[number % 3] for number in place),
        collection=tuple("A" if number % 2 else "B" for number in place),
        labels=tuple(frozenset([GENRES[number % 3], f"c{number % 4}"]) for number in place),
        age_days=place.astype(float),
        is_offered=place < count - 10,
        is_trainable=place >= 20,
        play_count=place.astype(float),
        watched_age_days=place.astype(float),
        watched_count=np.ones(count),
    )


def observed(*lists: list[int], histories: list[list[int]] | None = None) -> Observed:
    rows = tuple(np.array(each, dtype=np.int64) for each in lists)
    known = histories or [[0]] * len(lists)
    return Observed(content(), rows, tuple(np.array(each, dtype=np.int64) for each in known))


def values(found: list[Measured]) -> dict[str, float]:
    return {each.key: each.estimate.value for each in found}


MIXED = observed([20, 21, 22, 23], [30, 31, 32, 20], [40, 41, 20, 21], [25, 26, 27, 28], histories=[[3]] * 4)
SAMPLED = Resampling.of(4, seed=1)


def test_recency_compares_recommended_watched_and_on_offer() -> None:
    found = values(recency(MIXED, SAMPLED, seed=1))
    ages = sorted(float(row) for row in MIXED.flat)
    assert found["age_recommended_median_days"] == ages[7]
    assert found["age_recommended_p90_days"] == ages[14]
    assert found["age_watched_median_days"] == 29
    assert found["age_stock_median_days"] == 24.5


def test_nv_t3_the_share_that_can_never_be_trained_on_is_of_the_offer_only() -> None:
    (never,) = [each for each in recency(MIXED, SAMPLED, seed=1) if each.key == "never_trainable_share"]
    assert never.estimate.value == pytest.approx(20 / 50)
    assert never.estimate.low < 0.4 < never.estimate.high


def test_popularity_is_the_mean_of_plays_against_what_is_watched() -> None:
    found = values(popularity(MIXED, SAMPLED))
    plays = np.arange(60.0)
    assert found["plays_recommended_mean"] == pytest.approx(MIXED.flat.mean())
    assert found["plays_ratio_to_history"] == pytest.approx(MIXED.flat.mean() / ((plays**2).sum() / plays.sum()))


def test_the_top_percent_are_the_most_played_on_offer() -> None:
    """Fifty on offer: five at least, 45 to 49, are the top; 50 to 59 were played more but are gone."""
    found = values(popularity(observed([49, 1], [45, 44]), Resampling.of(2, seed=1)))
    assert found["top_percent_share"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([1, 1, 1, 1], 0.0), ([0, 0, 0, 4], 0.75), ([1, 3], 0.25), ([0, 1, 2, 3, 4], 0.4)],
)
def test_gini_is_that_of_the_textbook(counts: list[float], expected: float) -> None:
    assert gini(np.array(counts, dtype=float)) == pytest.approx(expected)


def test_coverage_is_the_share_of_the_offer_that_was_shown() -> None:
    assert values(exposure(MIXED, SAMPLED))["coverage_share"] == pytest.approx(len(set(MIXED.flat.tolist())) / 50)


def test_exposure_by_genre_names_the_one_favoured_most() -> None:
    """All recommendations are sport (17 of 50 on offer): 1 over 0.34, and nothing for the others."""
    found = exposure(observed([0, 3, 6], [9, 12, 15], [18, 21, 24]), Resampling.of(3, seed=1))
    (genre,) = [each for each in found if each.key == "exposure_genre_ratio"]
    assert genre.named == {"genre": "sport"}
    assert genre.estimate.value == pytest.approx(1 / (17 / 50))
    bars = dict(zip(genre.series[0].x, genre.series[0].y, strict=True))
    assert bars["news"] == 0
    assert set(bars) == set(GENRES)


def test_collections_that_are_never_shown_are_no_figure_of_zero() -> None:
    shown = exposure(observed([0, 2, 4], [6, 8, 10]), Resampling.of(2, seed=1))
    (collection,) = [each for each in shown if each.key == "exposure_collection_ratio"]
    assert collection.named == {"collection": "B"}
    gone = replace(content(), collection=("-",) * 60)
    none = exposure(Observed(gone, MIXED.items, MIXED.histories), SAMPLED)
    assert "exposure_collection_ratio" not in values(none)
    excluded = replace(content(), collection=("A", "B", "-") * 20)
    only_rest = Observed(excluded, (np.array([2, 5, 8]),), (np.array([0]),))
    assert "exposure_collection_ratio" not in values(exposure(only_rest, Resampling.of(1, seed=1)))


def test_divergence_is_0_for_equal_and_1_for_disjoint_distributions() -> None:
    assert divergence(np.array([1.0, 2.0]), np.array([2.0, 4.0])) == pytest.approx(0)
    assert divergence(np.array([1.0, 0.0]), np.array([0.0, 5.0])) == pytest.approx(1)
    # one half against all of one side, by hand: H(3/4, 1/4) - H(1/2, 1/2) / 2
    by_hand = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)) - 0.5
    assert divergence(np.array([1.0, 0.0]), np.array([1.0, 1.0])) == pytest.approx(by_hand)


def test_radio_the_first_rank_counts_more_than_the_last() -> None:
    """The history is all sport: sport first is nearer to it than sport last."""
    first = values(exposure(observed([0, 1], histories=[[3]]), Resampling.of(1, seed=1)))
    last = values(exposure(observed([1, 0], histories=[[3]]), Resampling.of(1, seed=1)))
    assert first["divergence_genre_history"] < last["divergence_genre_history"]


def test_novelty_is_the_self_information_of_what_is_shown() -> None:
    found = values(public_value(observed([32], [16]), Resampling.of(2, seed=1)))
    total = np.arange(60).sum()
    assert found["novelty_bits"] == pytest.approx((math.log2(total / 32) + math.log2(total / 16)) / 2)


def test_diversity_is_0_for_a_list_of_one_kind_and_1_for_nothing_in_common() -> None:
    assert values(public_value(observed([0, 12]), Resampling.of(1, seed=1)))["diversity"] == 0
    assert values(public_value(observed([0, 1]), Resampling.of(1, seed=1)))["diversity"] == 1


def test_serendipity_is_surprising_and_fits_nevertheless() -> None:
    """Watched: number 0 (sport, c0). 4 shares c0 in another genre; 12 is of the main genre; 1 shares nothing; 44 shares
    c0 in another genre, but everybody watches it."""
    found = values(public_value(observed([4, 12, 1, 44], histories=[[0]]), Resampling.of(1, seed=1)))
    assert found["serendipity"] == pytest.approx(1 / 4)


def test_a_band_holds_its_value_and_narrows_with_more_requests() -> None:
    rng = np.random.default_rng(3)
    few, many = rng.normal(5, 1, 50), rng.normal(5, 1, 5000)
    wide, narrow = Resampling.of(50, seed=1).mean(few), Resampling.of(5000, seed=1).mean(many)
    assert wide.low < wide.value < wide.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 5
    assert wide.high - wide.low == pytest.approx(2 * 1.96 * few.std() / np.sqrt(50), rel=0.2)


def test_the_band_of_coverage_lies_around_it_although_resamplings_show_less() -> None:
    (coverage,) = [each.estimate for each in exposure(MIXED, SAMPLED) if each.key == "coverage_share"]
    assert coverage.low <= coverage.value <= coverage.high


def test_requests_without_a_value_are_left_out_and_none_at_all_is_empty() -> None:
    sampled = Resampling.of(3, seed=1)
    assert sampled.mean(np.array([1.0, np.nan, 3.0])).value == 2
    assert math.isnan(sampled.mean(np.full(3, np.nan)).value)
    assert math.isnan(Resampling.of(0, seed=1).estimate(lambda weights: 1.0).value)
    assert math.isnan(centred(np.nan, np.ones(3)).value)


def test_a_weighted_quantile_counts_weights() -> None:
    assert weighted_quantile(np.array([1.0, 2.0, 10.0]), np.array([1.0, 1.0, 8.0]), 0.5) == 10
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5) == 2
