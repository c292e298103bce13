"""The resolver on single series, each with one thing wrong (NV-K1), and on a whole damaged catalogue with known truth."""

import random
from dataclasses import replace

from core.algorithms.next_video.numbering.entry import HIGH, Entry, Resolved, order_key
from core.algorithms.next_video.numbering.resolver import resolve
from tests.core.algorithms.next_video.numbering.damaged_series import catalogue

DAY_US = 86_400_000_000
Numbers = list[tuple[int | None, int | None]]


def series(numbers: Numbers, titles: list[str] | None = None, days: list[int] | None = None) -> list[Entry]:
    """Entries in their true order, a week apart unless ``days`` says otherwise."""
    return [
        Entry(row, f"v{row}", (titles or [""] * 99)[row], "/serien/x", season, episode,
              (days[row] if days else 7 * row) * DAY_US)
        for row, (season, episode) in enumerate(numbers)
    ]  # fmt: skip


def numbered(entries: list[Entry]) -> Numbers:
    found = resolve(entries)
    return [(found[entry.row].season, found[entry.row].episode) for entry in entries]


def test_fields_without_contradiction_are_kept_at_high_confidence() -> None:
    entries = series([(1, 1), (1, 2), (1, 4), (2, 1)])
    assert numbered(entries) == [(1, 1), (1, 2), (1, 4), (2, 1)]
    assert all(each.confidence >= HIGH for each in resolve(entries).values())


def test_a_missing_number_is_read_from_the_title() -> None:
    titles = ["Folge 1", "Folge 2", "Folge 3", "Folge 4"]
    assert numbered(series([(1, 1), (1, None), (1, 3), (None, None)], titles))[:3] == [(1, 1), (1, 2), (1, 3)]


def test_a_title_that_counts_through_all_seasons_is_understood() -> None:
    titles = [f"Folge {number}" for number in range(1, 9)]
    entries = series([(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, None), (2, 3), (2, 4)], titles)
    assert numbered(entries)[5] == (2, 2)


def test_parts_of_double_episodes_are_no_numbers() -> None:
    titles = ["A, Teil 1", "A, Teil 2", "B, Teil 1", "B, Teil 2", "C, Teil 1", "C, Teil 2"]
    numbers: Numbers = [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6)]
    assert numbered(series(numbers, titles)) == numbers


def test_of_field_and_title_that_differ_the_one_that_fits_is_taken() -> None:
    titles = [f"Folge {number}" for number in (1, 2, 3, 4, 5, 6)]
    wrong_field = series([(1, 1), (1, 2), (1, 9), (1, 4), (1, 5), (1, 6)], titles)
    assert numbered(wrong_field)[2] == (1, 3)
    titles[2] = "Folge 5"
    wrong_title = series([(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6)], titles)
    assert numbered(wrong_title)[2] == (1, 3)


def test_a_gap_between_two_dates_is_filled_and_said_to_be_concluded() -> None:
    entries = series([(1, 1), (1, 2), (1, None), (1, 4)])
    assert numbered(entries)[2] == (1, 3)
    assert resolve(entries)[2].source == "dates"
    assert resolve(entries)[2].confidence < HIGH


def test_a_video_that_fits_into_no_gap_stays_without_a_number() -> None:
    assert numbered(series([(1, 1), (1, 2), (1, None), (1, 3)]))[2] == (1, None)


def test_a_series_without_any_number_goes_by_date() -> None:
    assert numbered(series([(None, None)] * 3, days=[30, 10, 20])) == [(None, 3), (None, 1), (None, 2)]


def test_without_numbers_and_with_one_date_for_several_nothing_is_guessed() -> None:
    assert numbered(series([(None, None)] * 3, days=[10, 10, 20])) == [(None, None)] * 3


def test_numbers_that_begin_anew_tell_the_seasons() -> None:
    entries = series([(None, number) for number in (1, 2, 3, 1, 2, 3)])
    assert numbered(entries) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]


def test_a_missing_season_is_told_by_number_and_date() -> None:
    entries = series([(1, 1), (1, 2), (1, 3), (2, 1), (None, 2), (2, 3)])
    assert numbered(entries)[4] == (2, 2)


def test_two_swapped_numbers_are_put_right_but_neighbours_in_the_wrong_order_are_not() -> None:
    assert numbered(series([(1, 1), (1, 5), (1, 3), (1, 4), (1, 2), (1, 6), (1, 7)])) == [(1, n) for n in range(1, 8)]
    neighbours: Numbers = [(1, 1), (1, 2), (1, 4), (1, 3), (1, 5), (1, 6)]
    assert numbered(series(neighbours)) == neighbours


def test_a_doubled_number_is_kept_for_nv_1_and_what_the_dates_speak_for_is_suggested() -> None:
    entries = series([(1, 1), (1, 2), (1, 2), (1, 4), (1, 5), (1, 6)])
    found = resolve(entries)
    assert (found[2].season, found[2].episode, found[2].suggested) == (1, 2, (1, 3))
    assert found[2].confidence < HIGH


def test_a_video_published_anew_keeps_its_number() -> None:
    entries = series([(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6)], days=[0, 7, 99, 21, 28, 35])
    assert numbered(entries) == [(1, n) for n in range(1, 7)]


def test_what_an_editor_says_counts_over_everything() -> None:
    entries = series([(1, 1), (1, 2), (1, 3)], ["Folge 1", "Folge 2", "Folge 3"])
    assert resolve(entries, {1: (4, 9)})[1] == Resolved(4, 9, 1.0, "editor")


def successors(entries: list[Entry]) -> tuple[dict[int, int | None], dict[int, Resolved]]:
    """By row what would follow (NV-1; of a doubled number the first row), for videos that have a number."""
    found = resolve(entries)
    places: dict[tuple[int, int], int] = {}
    for row, each in sorted(found.items()):
        if each.episode is not None:
            places.setdefault(order_key((each.season, each.episode)), row)
    order = sorted(places)
    following = dict(zip(order, [*order[1:], None], strict=True)) if order else {}
    return {
        row: None if (after := following[order_key((each.season, each.episode))]) is None else places[after]
        for row, each in found.items()
        if each.episode is not None
    }, found


def test_on_a_catalogue_with_damaged_series_99_percent_of_successors_are_right_and_none_wrong_at_high_confidence() -> (
    None
):
    """Synthetic: 15 % of the series are damaged in one of nineteen ways; the truth can be told from text or dates."""
    total = right = wrong_and_sure = 0
    for each in catalogue(seed=11, count=600):
        given, found = successors(each.entries)
        for row, true_row in each.successors().items():
            total += 1
            if row in given and given[row] == true_row:
                right += 1
            elif row in given:
                after = given[row]
                sure = min(found[row].confidence, 1.0 if after is None else found[after].confidence)
                wrong_and_sure += sure >= HIGH
    assert total > 8000
    assert right / total >= 0.99
    assert wrong_and_sure == 0


def test_the_order_in_which_videos_are_given_does_not_matter() -> None:
    rng = random.Random(3)
    for each in catalogue(seed=5, count=60, damaged_share=1.0):
        shuffled = rng.sample(each.entries, len(each.entries))
        assert resolve(shuffled) == resolve(each.entries)


def test_a_path_helps_where_the_title_says_nothing() -> None:
    entries = [
        replace(entry, path=f"/serien/x/staffel-1/folge-{entry.row + 1}") for entry in series([(None, None)] * 4)
    ]
    assert numbered(entries) == [(1, 1), (1, 2), (1, 3), (1, 4)]
