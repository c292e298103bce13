"""The feed, tailed: every step once, in order, whatever files do meanwhile (HH-3)."""

from core.settings import Settings
from serving.households.feed import FeedTail, last_seq
from tests.serving.households.a_city import append, step


def seqs(tail: FeedTail) -> list[int]:
    return [each["seq"] for each in tail.read()]


def test_steps_come_once_and_in_order_across_segments(settings: Settings) -> None:
    append(settings.paths, step(1), step(2))
    tail = FeedTail(settings.paths.household_feed)
    assert seqs(tail) == [1, 2]
    append(settings.paths, step(3))
    append(settings.paths, step(4), segment=4)
    assert seqs(tail) == [3, 4]
    assert seqs(tail) == []


def test_half_a_line_is_waited_for(settings: Settings) -> None:
    append(settings.paths, step(1))
    file = settings.paths.household_feed / "000000000001.jsonl"
    with file.open("a") as feed:
        feed.write('{"seq": 2, "chan')
    tail = FeedTail(settings.paths.household_feed)
    assert seqs(tail) == [1]
    with file.open("a") as feed:
        feed.write('ges": [], "sightings": []}\n')
    assert seqs(tail) == [2]


def test_what_was_cut_off_and_written_again_is_not_told_twice(settings: Settings) -> None:
    append(settings.paths, step(1), step(2))
    tail = FeedTail(settings.paths.household_feed)
    assert seqs(tail) == [1, 2]
    (settings.paths.household_feed / "000000000001.jsonl").write_text("")
    append(settings.paths, step(1), step(2), step(3))
    assert seqs(tail) == [3]


def test_a_tail_begins_where_it_is_told_and_survives_segments_that_age_out(settings: Settings) -> None:
    append(settings.paths, step(1), step(2))
    append(settings.paths, step(3), step(4), segment=3)
    tail = FeedTail(settings.paths.household_feed, after_seq=3)
    assert seqs(tail) == [4]
    (settings.paths.household_feed / "000000000003.jsonl").unlink()
    append(settings.paths, step(5), segment=5)
    assert seqs(tail) == [5]


def test_the_last_step_is_found_without_reading_all(settings: Settings) -> None:
    assert last_seq(settings.paths.household_feed) == 0
    append(settings.paths, step(1), step(2))
    (settings.paths.household_feed / "000000000003.jsonl").touch()
    assert last_seq(settings.paths.household_feed) == 2
