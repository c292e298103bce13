"""LOG-2: logs are fetched automatically: a new file in the landing directory starts ingestion."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def events_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], list[Any]]:
    """What the trigger yields for a change made after it took its base line, until it has looked five times more."""
    from dags.shared import landing_trigger

    look = landing_trigger.sizes
    looks: list[str] = []

    def counted(directory: str) -> dict[str, tuple[int, int]]:
        found = look(directory)
        looks.append(directory)
        return found

    monkeypatch.setattr(landing_trigger, "sizes", counted)

    async def watch(found: list[Any]) -> None:
        trigger = landing_trigger.LandingTrigger(directory=str(tmp_path), poll_seconds=0.01, rest_seconds=0.01)
        async for event in trigger.run():
            found.append(event.payload)  # noqa: PERF401 - a comprehension would be lost when cancelled

    async def looked(times: int) -> None:
        while len(looks) < times:
            await asyncio.sleep(0.01)

    async def both(change: Callable[[], Any], found: list[Any]) -> None:
        watching = asyncio.create_task(watch(found))
        await looked(1)
        change()
        await looked(len(looks) + 5)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    def after(change: Callable[[], Any]) -> list[Any]:
        found: list[Any] = []
        asyncio.run(both(change, found))
        return found

    return after


Events = Callable[[Callable[[], Any]], list[Any]]


def test_a_new_file_is_an_event_and_is_one_only_once(tmp_path: Path, events_after: Events) -> None:
    file = tmp_path / "events" / "a.jsonl"

    def deliver() -> None:
        file.parent.mkdir()
        file.with_suffix(".tmp").write_text("{}\n")
        file.with_suffix(".tmp").rename(file)

    assert events_after(deliver) == [{"file_count": 1, "newest": str(file)}]


def test_a_file_that_grew_is_an_event(tmp_path: Path, events_after: Events) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("{}\n")

    def grow() -> None:
        with file.open("a") as more:
            more.write("{}\n")

    assert len(events_after(grow)) == 1


def test_a_file_still_being_written_is_none(tmp_path: Path, events_after: Events) -> None:
    assert events_after(lambda: (tmp_path / "a.jsonl.tmp").write_text("{}\n")) == []


def test_what_lies_there_at_the_start_is_left_to_the_hourly_run(tmp_path: Path, events_after: Events) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    assert events_after(lambda: None) == []


def test_a_directory_that_is_taken_away_is_no_error(tmp_path: Path, events_after: Events) -> None:
    assert events_after(tmp_path.rmdir) == []


def test_the_triggerer_can_make_it_again_from_its_own_words(tmp_path: Path) -> None:
    from dags.shared import landing_trigger

    first = landing_trigger.LandingTrigger(directory=str(tmp_path), poll_seconds=3, rest_seconds=4)
    path, arguments = first.serialize()
    assert path == f"{landing_trigger.__name__}.LandingTrigger"
    assert landing_trigger.LandingTrigger(**arguments).serialize() == first.serialize()
