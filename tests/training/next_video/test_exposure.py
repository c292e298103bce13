"""NV-M1: what the top ten show beyond hits, with intervals over users."""

import numpy as np
import pytest

from training.next_video import exposure

DAY_MS = 86_400_000


def test_gini_of_known_shares() -> None:
    assert exposure.gini(np.array([5.0, 5.0, 5.0, 5.0])) == pytest.approx(0)
    assert exposure.gini(np.array([0.0, 0.0, 0.0, 8.0])) == pytest.approx(0.75)
    assert exposure.gini(np.array([1.0, 3.0])) == pytest.approx(0.25)
    assert exposure.gini(np.zeros(3)) == 0


def test_an_item_is_as_old_as_its_first_play_and_never_younger_than_new() -> None:
    first_met = np.array([0, 3 * DAY_MS, 9 * DAY_MS])
    assert exposure.ages_days(first_met, 4 * DAY_MS).tolist() == [4, 1, 0]


def test_coverage_gini_and_age_of_two_users() -> None:
    shown = [np.array([0, 1]), np.array([1, 2])]
    found = exposure.figures(shown, [2.0, 4.0], item_count=4, rng=np.random.default_rng(1), samples=1)
    values = {name: found[name] for name in exposure.NAMES}
    assert values == {"coverage_at_10": 0.75, "gini_at_10": pytest.approx(0.375), "age_days_at_10": 3.0}


def test_the_intervals_hold_the_values_though_a_resampling_covers_less() -> None:
    rng = np.random.default_rng(2)
    shown = [rng.choice(50, 10, replace=False) for _ in range(40)]
    found = exposure.figures(shown, rng.uniform(0, 30, 40).tolist(), 60, rng, samples=200)
    for name in exposure.NAMES:
        low, high = found[f"{name}_interval"]
        assert low < found[name] < high


def test_unknown_ages_give_no_age() -> None:
    found = exposure.figures([np.array([0])], [float("nan")], 2, np.random.default_rng(1), samples=5)
    assert "age_days_at_10" not in found
    assert found["coverage_at_10"] == 0.5
