"""NV-T4: sequences are prepared in the same way for training and for serving."""

from core.algorithms.next_video.sequences import collapsed, known_rows, model_input, training_windows


def test_ids_that_the_model_does_not_know_are_left_out_in_order() -> None:
    assert known_rows(["b", "x", "a", "b"], {"a": 0, "b": 1}) == [1, 0, 1]


def test_a_video_played_in_several_sittings_counts_once_but_a_return_counts_again() -> None:
    assert collapsed([3, 3, 3, 1, 3]) == [3, 1, 3]


def test_the_current_video_comes_last_and_only_the_newest_plays_are_read() -> None:
    """NV-X1"""
    assert model_input([1, 2, 3], 4, max_length=3) == [2, 3, 4]
    assert model_input([1, 2], 2, max_length=3) == [1, 2]
    assert model_input([1, 2], None, max_length=3) == [1, 2]


def test_every_play_but_the_first_is_a_target_exactly_once() -> None:
    windows = training_windows([0, 1, 2, 3, 4, 5, 6], max_length=3)
    assert windows == [[0, 1, 2, 3], [3, 4, 5, 6]]
    assert sorted(row for window in windows for row in window[1:]) == [1, 2, 3, 4, 5, 6]


def test_the_newest_window_is_the_full_one() -> None:
    assert training_windows([0, 1, 2, 3, 4], max_length=3) == [[0, 1], [1, 2, 3, 4]]


def test_a_single_play_or_one_video_again_and_again_gives_nothing_to_learn() -> None:
    assert training_windows([5], max_length=3) == []
    assert training_windows([5, 5, 5], max_length=3) == []
