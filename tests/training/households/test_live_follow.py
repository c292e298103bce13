"""The live consumer over a written lake: feed, artefacts, restarts, and who may write when a batch run is there too."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.algorithms.households.model import Households
from core.contracts.households import FEED_SEQ
from core.errors import StageError
from core.settings import Settings, load
from tests.training.households.live_lake import FIRST_DAY, commit, device, half_day, seen
from training.households import checkpoint, erasure, handover, live, ownership
from training.households.live_state import observe
from training.households.tail import Tail

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A step for each commit with events, however many wait."""
    return settings_of(tmp_path / "home")


@pytest.fixture(autouse=True)
def _always_clustered(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each commit, however long the last clustering took."""
    monkeypatch.setattr(live, "_REFRESH_PAUSE_FACTOR", 0.0)


def settings_of(home: Path, **live_settings: object) -> Settings:
    given = {"step_events": 1} | live_settings
    names = {f"MEDIATHEK_LIVE_HOUSEHOLDS__{name.upper()}": str(value) for name, value in given.items()}
    return load({"MEDIATHEK_HOME": str(home)} | names)


def follow(settings: Settings) -> live.FollowReport:
    """Follow until there is nothing to do."""
    is_idle: list[float] = []
    return live.follow(settings, lambda: NOW, lambda: bool(is_idle), is_idle.append)


def steps(settings: Settings) -> list[dict[str, Any]]:
    files = sorted(settings.paths.household_feed.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def told(settings: Settings) -> list[dict[str, Any]]:
    """The steps with sightings."""
    return [step for step in steps(settings) if step["cause"] == "batch"]


def homes(settings: Settings) -> dict[str, str]:
    rows = pq.ParquetFile(settings.paths.household_assignments).read().to_pylist()
    return {row["device_key"]: row["household_id"] for row in rows if row["until_at"] is None}


def groups(settings: Settings) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for key, home in sorted(homes(settings).items()):
        found.setdefault(home, []).append(key)
    return sorted(found.values())


def fill(settings: Settings, numbers: range) -> None:
    rng = random.Random(numbers.start)
    for number in numbers:
        commit(settings.paths, number, half_day(number, rng))


def test_each_commit_with_news_is_a_step_and_the_artefacts_say_which_step_they_hold(settings: Settings) -> None:
    fill(settings, range(1, 5))
    commit(settings.paths, 5)
    report = follow(settings)
    found = steps(settings)
    assert (report.batches, report.steps) == (5, len(found))
    assert [step["seq"] for step in found] == list(range(1, len(found) + 1))
    assert [step["batch_id"] for step in told(settings)] == [1, 2, 3, 4]
    assert [step["cause"] for step in found[:4]] == ["batch", "refresh"] * 2
    assert [bool(step["changes"]) for step in found] == [step["cause"] == "refresh" for step in found]
    metadata = pq.read_schema(settings.paths.household_assignments).metadata
    assert metadata[FEED_SEQ] == str(len(found)).encode()
    assert len(homes(settings)) == 12


def test_a_restart_goes_on_and_writes_no_step_where_nothing_is_new(settings: Settings) -> None:
    fill(settings, range(1, 4))
    follow(settings)
    before = steps(settings)
    assert follow(settings).steps == 0
    assert steps(settings) == before
    fill(settings, range(4, 5))
    assert follow(settings).batches == 1
    assert steps(settings)[: len(before)] == before
    assert [step["batch_id"] for step in told(settings)] == [1, 2, 3, 4]


def test_commits_taken_one_by_one_or_all_at_once_end_in_the_same_households(settings: Settings, tmp_path: Path) -> None:
    other = settings_of(tmp_path / "other")
    for number in range(1, 7):
        fill(settings, range(number, number + 1))
        fill(other, range(number, number + 1))
        follow(other)
    follow(settings)
    assert homes(other) == homes(settings)
    assert steps(other) == steps(settings)


def test_commits_that_wait_are_one_step_and_end_in_the_same_households(settings: Settings, tmp_path: Path) -> None:
    together = settings_of(tmp_path / "together", step_events=70)
    for each in (settings, together):
        fill(each, range(1, 4))
        commit(each.paths, 4, withdrawn=[(12, FIRST_DAY + timedelta(days=1))])
        fill(each, range(5, 7))
        follow(each)
    assert [step["batch_id"] for step in told(together)] == [3, 6]
    assert sum(len(step["sightings"]) for step in steps(together)) == 5 * 24
    assert set(homes(together)) == set(homes(settings))
    assert groups(together) == groups(settings)


def test_a_step_tells_the_newest_sightings_and_how_many_it_leaves_out(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, feed_sightings=3)
    commit(settings.paths, 1, [seen(number, "home", FIRST_DAY + timedelta(minutes=number)) for number in (9, 1, 5, 7)])
    follow(settings)
    (step,) = told(settings)
    assert [sighting[1] for sighting in step["sightings"]] == [device(5), device(7), device(9)]
    assert step["sightings"][0][2:] == ["a_home_0501", "tablet", "video-5"]
    assert step["sightings_left_out"] == 1


def test_withdrawn_consent_ends_a_row(settings: Settings) -> None:
    """PRV-2, HH-1"""
    fill(settings, range(1, 4))
    follow(settings)
    commit(settings.paths, 4, withdrawn=[(12, FIRST_DAY + timedelta(days=1))])
    follow(settings)
    assert device(12) not in homes(settings)
    assert device(11) in homes(settings)


def test_a_second_consumer_is_refused_and_told_who_is_first(settings: Settings) -> None:
    fill(settings, range(1, 2))
    with (
        ownership.owned(settings.paths, ownership.LIVE),
        pytest.raises(StageError, match=r"^households: live \d+ writes"),
    ):
        follow(settings)
    assert follow(settings).batches == 1


def batch_state(settings: Settings, newest: int) -> Households:
    households, tail = Households(), Tail(settings.paths, lambda: NOW)
    for number in range(newest):
        batch = tail.next(number)
        assert batch is not None
        observe(households, batch)
    households.refresh(int(NOW.timestamp() * 1000))
    return households


def test_what_a_batch_run_hands_over_is_taken_up_with_the_commits_since(settings: Settings) -> None:
    fill(settings, range(1, 4))
    follow(settings)
    fill(settings, range(4, 6))
    handover.hand_over(settings.paths, batch_state(settings, 2), 2, NOW)
    follow(settings)
    causes = [step["cause"] for step in steps(settings) if step["cause"] != "refresh"]
    assert causes == ["batch"] * 3 + ["takeover"] + ["batch"] * 2
    assert handover.waiting(settings.paths) == []
    found = checkpoint.load(settings.paths.household_checkpoint)
    assert found is not None
    assert (found[1].batch_id, found[1].seq) == (5, len(steps(settings)))
    assert len(homes(settings)) == 12
    assert follow(settings).steps == 0


def test_ids_last_when_a_batch_run_that_gave_others_is_taken_up(settings: Settings) -> None:
    """HH-3: only what the batch run sees otherwise is a change."""
    fill(settings, range(1, 6))
    follow(settings)
    before = homes(settings)
    other = batch_state(settings, 5)
    other.keep_ids({key: f"hh-other{home[3:]}" for key, home in before.items()})
    other.refresh(int(NOW.timestamp() * 1000))
    assert not set(other.ids().values()) & set(before.values())
    handover.hand_over(settings.paths, other, 5, NOW)
    follow(settings)
    assert steps(settings)[-1]["cause"] == "takeover"
    assert steps(settings)[-1]["changes"] == []
    assert homes(settings) == before


def test_a_batch_run_publishes_unless_a_live_consumer_does(settings: Settings) -> None:
    fill(settings, range(1, 4))
    found = batch_state(settings, 3)
    with ownership.owned(settings.paths, ownership.LIVE):
        assert not handover.deliver(settings.paths, found, 3, NOW)
    assert not settings.paths.household_assignments.exists()
    assert handover.deliver(settings.paths, found, 3, NOW)
    assert FEED_SEQ not in pq.read_schema(settings.paths.household_assignments).metadata
    assert len(homes(settings)) == 12
    assert [handed.batch_id for handed in handover.waiting(settings.paths)] == [3]
    with ownership.owned(settings.paths, "erasure"), pytest.raises(StageError, match="erasure"):
        handover.deliver(settings.paths, found, 3, NOW)


def test_without_a_checkpoint_the_live_consumer_starts_from_what_a_batch_run_found(settings: Settings) -> None:
    fill(settings, range(1, 5))
    handover.hand_over(settings.paths, batch_state(settings, 4), 4, NOW)
    report = follow(settings)
    assert (report.batches, report.steps) == (0, 1)
    assert steps(settings)[0]["cause"] == "takeover"
    assert len(homes(settings)) == 12


def test_an_order_to_forget_is_carried_out_without_a_consumer_running(settings: Settings) -> None:
    """PRV-3"""
    fill(settings, range(1, 4))
    follow(settings)
    erasure.erase(settings, [device(21)], lambda: NOW)
    held = [file for file in settings.paths.households.rglob("*") if file.is_file()]
    assert [file for file in held if device(21).encode() in file.read_bytes()] == []
    assert device(21) not in homes(settings)
    assert device(20) in homes(settings)
    assert steps(settings)[-1]["cause"] == "erase"


def test_an_order_that_nobody_carries_out_in_time_stays_and_is_told(settings: Settings) -> None:
    """PRV-3"""
    fill(settings, range(1, 3))
    follow(settings)
    with ownership.owned(settings.paths, ownership.LIVE), pytest.raises(StageError, match="has not forgotten"):
        erasure.erase(settings, [device(20)], lambda: NOW, patience_seconds=0.1)
    follow(settings)
    assert device(20) not in homes(settings)


def test_a_ledger_that_is_behind_the_feed_is_an_error_and_no_silence(settings: Settings) -> None:
    fill(settings, range(1, 3))
    follow(settings)
    newest = max(settings.paths.household_checkpoint.iterdir())
    (newest / "position.json").write_text("{")
    with pytest.raises(StageError, match="is damaged; remove it"):
        follow(settings)
    for file in (*newest.rglob("*.*"), settings.paths.ledger / f"{2:012d}.json"):
        file.unlink()
    newest.rename(newest.with_name(".gone.tmp"))
    with pytest.raises(StageError, match="the feed knows commit 2 and the ledger does not"):
        follow(settings)
