"""LOG-3: the generator runs endlessly, and goes on where it stopped."""

from pathlib import Path
from typing import Any

import pytest

from ingestion.simulate.follow import Follower
from ingestion.simulate.manifest import followed_until
from ingestion.simulate.run import Run
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, rfc3339


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> int:
        return self.ms

    def sleep(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)


def _follow(run: Run, rounds: int, speed_up: float = 3600.0) -> Follower:
    clock = Clock()
    follower = Follower(run, clock, clock.sleep, speed_up)
    follower.forever(rounds)
    return follower


def test_following_writes_on_from_the_end_of_the_month_and_every_event_once(
    small: Any, read_month: Any, tmp_path: Path
) -> None:
    run = Run(small(households=30, days=1), tmp_path)
    run.write_month()
    before = set(read_month(tmp_path).whole)
    follower = _follow(run, rounds=12)
    month = read_month(tmp_path)
    assert before < set(month.whole)
    assert follower.position_ms == run.scenario.end_ms + 33 * HOUR_MS
    files = {file.name for file in (tmp_path / "landing" / "events" / "2026-11-25").iterdir()}
    assert "08-0000000.jsonl" in files
    assert not list(tmp_path.rglob("*.tmp"))


def test_the_clock_and_the_speed_up_say_how_far_it_goes(small: Any, tmp_path: Path) -> None:
    run = Run(small(households=10, days=1), tmp_path)
    run.write_month()
    follower = _follow(run, rounds=5, speed_up=1.0)
    assert follower.position_ms == run.scenario.end_ms + 12_000


@pytest.mark.slow
def test_an_ended_follower_goes_on_without_a_gap_as_if_it_had_not_ended(
    small: Any, read_month: Any, tmp_path: Path
) -> None:
    whole = Run(small(households=30, days=1), tmp_path / "whole")
    whole.write_month()
    _follow(whole, rounds=9)

    ended = Run(small(households=30, days=1), tmp_path / "ended")
    ended.write_month()
    _follow(ended, rounds=4)
    again = Run(small(households=30, days=1), tmp_path / "ended")
    until_ms = followed_until(tmp_path / "ended")
    assert until_ms == again.scenario.end_ms + 9 * HOUR_MS
    clock = Clock()
    follower = Follower(again, clock, clock.sleep, 3600.0)
    follower.skip_to(until_ms)
    follower.forever(6)
    assert follower.position_ms == whole.scenario.end_ms + 24 * HOUR_MS
    assert read_month(tmp_path / "ended").whole == read_month(tmp_path / "whole").whole


@pytest.mark.slow
def test_news_of_days_to_come_enter_the_catalogue_the_day_before(small: Any, tmp_path: Path) -> None:
    run = Run(small(households=5, days=1), tmp_path)
    run.write_month()
    _follow(run, rounds=26)
    text = (tmp_path / "landing" / "catalogue" / "2026-11-28.jsonl").read_text(encoding="utf-8")
    assert '"content_id":"abend-2026-11-28"' in text
    published = [c.published_ms for c in run.simulation.catalogue.contents if c.content_id == "abend-2026-11-28"]
    assert rfc3339(published[0])[:10] == "2026-11-28"


def test_new_videos_come_out_when_the_announced_ones_have_run_out(small: Any) -> None:
    run = Run(small(households=5, days=1), None)
    last = run.scenario.last_day
    news_only = run.simulation.catalogue.add_day(run.scenario, last + 10)
    later = run.simulation.catalogue.add_day(run.scenario, last + 20)
    assert len(later) > len(news_only)
    assert all((last + 20) * DAY_MS <= content.published_ms < (last + 21) * DAY_MS for content in later)


def test_an_interrupted_follower_leaves_the_truth_up_to_its_last_file(small: Any, tmp_path: Path) -> None:
    run = Run(small(households=10, days=1), tmp_path)
    run.write_month()
    (tmp_path / "truth" / "lease.csv").unlink()

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Follower(run, Clock(), interrupt).forever()
    assert (tmp_path / "truth" / "lease.csv").exists()
