"""The feed: durable steps without gaps, in segments, which readers can follow by offset."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import StageError
from training.households.feed import Feed, Step


def step(seq: int, day: int = 1, **fields: Any) -> Step:
    return Step(**{"seq": seq, "batch_id": seq, "at": f"2026-05-{day:02}T00:00:00Z", "cause": "batch", "changes": [],
                   "sightings": []} | fields)  # fmt: skip


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_steps_come_back_in_order_over_segments_and_restarts(tmp_path: Path) -> None:
    feed = Feed(tmp_path, segment_bytes=250)
    for seq in range(1, 6):
        feed.append(step(seq))
    assert files(tmp_path) == ["000000000001.jsonl", "000000000003.jsonl", "000000000005.jsonl"]
    again = Feed(tmp_path, segment_bytes=250)
    assert again.last_seq == 5
    again.append(step(6))
    for after in range(7):
        assert [each.seq for each in again.steps(after)] == list(range(after + 1, 7))
    with pytest.raises(StageError, match="step 8 does not follow step 6"):
        again.append(step(8))


@pytest.mark.parametrize("left", [b"", b"{", b'{"seq":3,"batch_id"'])
def test_what_a_kill_left_of_a_line_is_cut_off_and_the_step_written_again(tmp_path: Path, left: bytes) -> None:
    feed = Feed(tmp_path, segment_bytes=10_000)
    feed.append(step(1))
    feed.append(step(2))
    (segment,) = tmp_path.iterdir()
    segment.write_bytes(segment.read_bytes() + left)
    again = Feed(tmp_path, segment_bytes=10_000)
    assert again.last_seq == 2
    again.append(step(3))
    assert [each.seq for each in again.steps(0)] == [1, 2, 3]


def test_an_empty_segment_tells_by_its_name_where_to_go_on(tmp_path: Path) -> None:
    Feed(tmp_path, segment_bytes=1).append(step(1))
    (tmp_path / f"{2:012d}.jsonl").touch()
    feed = Feed(tmp_path, segment_bytes=1)
    assert feed.last_seq == 1
    feed.append(step(2))
    assert [each.seq for each in feed.steps(0)] == [1, 2]


def test_old_segments_go_but_none_that_a_restart_needs_and_never_the_newest(tmp_path: Path) -> None:
    """PRV-4"""
    feed = Feed(tmp_path, segment_bytes=1)
    for seq in range(1, 6):
        feed.append(step(seq, day=seq))
    assert feed.drop_before(datetime(2026, 5, 4, tzinfo=UTC), needed_after=2) == 2
    assert [each.seq for each in feed.steps(0)] == [3, 4, 5]
    assert feed.drop_before(datetime(2026, 6, 1, tzinfo=UTC), needed_after=5) == 2
    assert [each.seq for each in Feed(tmp_path, 1).steps(0)] == [5]


def test_an_erased_device_and_where_it_was_seen_are_blanked_without_moving_anything(tmp_path: Path) -> None:
    """PRV-3: whoever reads along by offset is not disturbed, and others' sightings stay."""
    feed = Feed(tmp_path, segment_bytes=10_000)
    change = {"change": "new", "household_id": "hh-a", "device_key": "d_one"}
    seen = [[1, "d_one", "a_one", "tv", "v"], [2, "d_two", "a_two", "tv", None]]
    feed.append(step(1, changes=[change], sightings=seen))
    feed.append(step(2, sightings=[[3, "d_two", "a_one", "tv", None]]))
    (segment,) = tmp_path.iterdir()
    before = segment.read_bytes()
    assert feed.erase(["d_one", "d_never"]) == 1
    after = segment.read_bytes()
    assert len(after) == len(before)
    assert b"d_one" not in after
    first, second = feed.steps(0)
    assert first.sightings == [[1, "d_---", "a_---", "tv", "v"], [2, "d_two", "a_two", "tv", None]]
    assert second.sightings == [[3, "d_two", "a_one", "tv", None]]
    feed.append(step(3))
    assert Feed(tmp_path, 10_000).last_seq == 3
