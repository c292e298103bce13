"""Splits in time: what a model is asked lies after all that it has learned."""

import numpy as np
import pytest

from training.datasets.interactions import Interactions, from_columns
from training.datasets.splits import global_time, leave_one_out, time_cuts


def interactions(*rows: tuple[str, str, int]) -> Interactions:
    users, items, at_ms = zip(*rows, strict=True)
    return from_columns(users, items, at_ms)


def named(data: Interactions, rows: np.ndarray) -> list[tuple[str, str]]:
    return [(data.users[data.user[row]], data.items[data.item[row]]) for row in rows]


def test_interactions_are_ordered_by_user_and_time_whatever_the_order_they_came_in() -> None:
    data = interactions(("b", "y", 5), ("a", "x", 9), ("b", "x", 1), ("a", "z", 3))
    assert named(data, np.arange(4)) == [("a", "z"), ("a", "x"), ("b", "x"), ("b", "y")]
    assert [[data.items[item] for item in sequence] for sequence in data.sequences()] == [["z", "x"], ["x", "y"]]


def test_interactions_at_one_instant_keep_their_order() -> None:
    data = interactions(("a", "z", 1), ("a", "x", 1), ("a", "y", 1))
    assert [data.items[item] for item in data.item] == ["z", "x", "y"]


def test_the_last_item_is_the_test_and_the_one_before_it_validation() -> None:
    data = interactions(("a", "v1", 1), ("a", "v2", 2), ("a", "v3", 3), ("a", "v4", 4))
    split = leave_one_out(data)
    assert named(data, split.test) == [("a", "v4")]
    assert named(data, split.validation) == [("a", "v3")]
    assert [split.interactions.items[item] for item in split.history(int(split.test[0]))] == ["v1", "v2", "v3"]
    assert named(split.training, np.arange(2)) == [("a", "v1"), ("a", "v2")]


def test_users_with_fewer_than_three_interactions_only_train() -> None:
    data = interactions(("a", "v1", 1), ("a", "v2", 2), ("b", "v1", 1), ("b", "v2", 2), ("b", "v3", 3))
    split = leave_one_out(data)
    assert named(data, split.test) == [("b", "v3")]
    assert named(split.training, np.arange(3)) == [("a", "v1"), ("a", "v2"), ("b", "v1")]


def test_the_vocabulary_keeps_items_that_only_the_test_has() -> None:
    """Full ranking is over all items of the file."""
    split = leave_one_out(interactions(("a", "v1", 1), ("a", "v2", 2), ("a", "only-here", 3)))
    assert "only-here" in split.training.items
    assert split.training.item_counts[split.training.items.index("only-here")] == 0


def test_a_global_cut_lets_nothing_learn_from_later_than_the_cut() -> None:
    data = interactions(
        ("a", "v1", 10), ("a", "v2", 20), ("a", "v3", 30),
        ("b", "v1", 15), ("b", "v4", 25), ("b", "v5", 35),
    )  # fmt: skip
    split = global_time(data, validation_from_ms=20, test_from_ms=30)
    assert split.training.at_ms.max() < 20
    assert named(data, split.validation) == [("a", "v2"), ("b", "v4")]
    assert named(data, split.test) == [("a", "v3"), ("b", "v5")]


def test_the_target_is_the_last_item_that_the_user_had_not_met_before() -> None:
    """NV-P1: what has been seen is not recommended, so it is no fair question."""
    data = interactions(("a", "v1", 10), ("a", "v2", 30), ("a", "v3", 31), ("a", "v1", 32))
    split = global_time(data, validation_from_ms=20, test_from_ms=25)
    assert named(data, split.test) == [("a", "v3")]


def test_a_first_play_of_all_is_no_target_for_it_has_no_history() -> None:
    split = global_time(interactions(("a", "v1", 30), ("b", "v1", 1)), validation_from_ms=10, test_from_ms=20)
    assert split.test.size == 0


def test_the_spans_are_as_long_as_asked_where_there_are_plays_enough() -> None:
    data = interactions(*(("a", f"v{hour}", hour) for hour in range(1000)))
    assert time_cuts(data, validation_ms=50, test_ms=100, max_share=0.2) == (850, 900)


@pytest.mark.parametrize("length", [2, 3, 10])
def test_short_histories_keep_something_to_learn_from(length: int) -> None:
    data = interactions(*(("a", f"v{hour}", hour) for hour in range(length)))
    validation_from, test_from = time_cuts(data, validation_ms=500, test_ms=500, max_share=0.2)
    assert validation_from <= test_from
    assert (data.at_ms < validation_from).sum() >= length * 0.5


def test_an_item_is_first_met_when_anybody_plays_it_first() -> None:
    split = leave_one_out(interactions(("a", "x", 5), ("b", "x", 2), ("b", "y", 9)))
    assert split.first_met_ms.tolist() == [2, 9]
