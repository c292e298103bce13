"""Baselines that a comparison sets on validation, and only there (NV-T6)."""

from functools import partial

import numpy as np
import pytest

from training.datasets.interactions import Interactions, from_columns
from training.datasets.splits import leave_one_out
from training.next_video.baselines import Popularity
from training.next_video.ease import fit_ease
from training.next_video.study import best_on_validation
from training.next_video.transitions import fit_transitions


def plays(*sequences: str) -> Interactions:
    """One user a word, one item a letter."""
    rows = [(f"u{user}", item, at) for user, word in enumerate(sequences) for at, item in enumerate(word)]
    users, items, at = zip(*rows, strict=True)
    return from_columns(users, items, at)


def test_ease_is_the_ridge_regression_of_each_item_on_all_others() -> None:
    """Steck 2019: the closed form minimises |X - XB|^2 + ridge |B|^2 under a diagonal of zeros."""
    interactions = plays("abc", "abd", "acd", "bd", "cda", "ab")
    users, items = len(interactions.users), len(interactions.items)
    x = np.zeros((users, items))
    x[interactions.user, interactions.item] = 1
    weights = fit_ease(interactions, ridge=0.7).weights
    for item in range(items):
        others = [row for row in range(items) if row != item]
        ridge = np.linalg.solve(x[:, others].T @ x[:, others] + 0.7 * np.eye(items - 1), x[:, others].T @ x[:, item])
        np.testing.assert_allclose(weights[others, item], ridge, atol=1e-5)
        assert weights[item, item] == 0


def test_ease_counts_a_repeated_item_of_the_history_once() -> None:
    model = fit_ease(plays("abc", "abd", "acd"), ridge=1.0)
    np.testing.assert_array_equal(model.scores([0, 1, 0]), model.scores([0, 1]))


def test_transitions_know_what_comes_next_and_the_newest_counts_most() -> None:
    model = fit_transitions(plays("abc", "abc", "cab", "da"), reach=1, decay=0.5)
    assert int(np.argmax(model.scores([0]))) == 1
    assert int(np.argmax(model.scores([1]))) == 2
    assert int(np.argmax(model.scores([1, 0]))) == 1
    assert model.scores([1, 0])[2] == pytest.approx(0.5 * model.scores([1])[2])


def test_transitions_do_not_lead_from_one_user_to_the_next() -> None:
    shares = fit_transitions(plays("ab", "cd"), reach=3, decay=0.0).shares
    assert [tuple(pair) for pair in np.argwhere(shares.toarray())] == [(0, 1), (2, 3)]


def test_a_longer_reach_counts_a_farther_pair_for_less() -> None:
    shares = fit_transitions(plays("abc"), reach=2, decay=0.0).shares.toarray()
    assert shares[0, 1] == pytest.approx(2 * shares[0, 2])


def test_the_best_setting_on_validation_is_kept_and_what_the_others_reached_is_told() -> None:
    """The test's targets have no say: whoever foretells them loses to whoever foretells validation."""
    split = leave_one_out(plays("abc", "abc", "abcd"))
    order = {"validation": np.array([0, 9, 1, 0], np.float32), "test": np.array([0, 0, 9, 8], np.float32)}
    candidates = [({"number": at}, partial(Popularity, counts)) for at, counts in enumerate(order.values())]
    best, reached = best_on_validation(candidates, split, split.validation)
    assert best.setting == {"number": 0}
    assert reached["number 0"] > reached["number 1"]


def test_without_anybody_to_judge_by_the_first_setting_is_kept() -> None:
    split = leave_one_out(plays("abc"))
    candidates = [({"number": at}, partial(Popularity, np.ones(3, np.float32))) for at in range(2)]
    assert best_on_validation(candidates, split, split.validation[:0])[0].setting == {"number": 0}
