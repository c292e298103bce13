"""The lake in the order of its commits: nothing before it is whole, nothing twice, nothing without consent."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.errors import StageError
from core.settings import Settings
from tests.training.households.live_lake import FIRST_DAY, commit, device, seen
from training.households.tail import Batch, Tail

NOON = FIRST_DAY + timedelta(hours=12)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def tail(settings: Settings) -> Tail:
    return Tail(settings.paths, lambda: NOW)


def all_after(tail: Tail, number: int) -> list[Batch]:
    found = []
    while (batch := tail.next(number)) is not None:
        found.append(batch)
        number = batch.batch_id
    return found


def test_batches_come_one_by_one_in_the_order_of_their_commits(tail: Tail, settings: Settings) -> None:
    assert tail.next(0) is None
    commit(settings.paths, 1, [seen(1, "home", NOON), seen(2, "home", NOON + timedelta(hours=3))])
    commit(settings.paths, 2)
    commit(settings.paths, 3, [seen(3, "home", FIRST_DAY)])  # a late event
    found = all_after(tail, 0)
    assert [(batch.batch_id, batch.device_keys) for batch in found] == [
        (1, [device(1), device(2)]), (2, []), (3, [device(3)]),
    ]  # fmt: skip
    assert found[0].at_ms == [int(NOON.timestamp() * 1000), int((NOON + timedelta(hours=3)).timestamp() * 1000)]
    assert (found[0].address_keys[0], found[0].content_ids[0], found[0].is_mac_local[0]) == (
        "a_home_0501", "video-1", False,
    )  # fmt: skip
    assert found[1].is_empty
    assert all_after(tail, 3) == []


def test_files_that_come_into_a_folder_within_the_same_tick_are_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder's change time may be what it was when it was listed: by a clock that stands still it is."""
    commit(settings.paths, 1, [seen(1, "home", NOON)])
    hour = next(settings.paths.events.iterdir())
    changed = hour.stat().st_mtime_ns
    tail = Tail(settings.paths, lambda: datetime.fromtimestamp(changed / 1e9, UTC))
    assert len(all_after(tail, 0)) == 1
    commit(settings.paths, 2, [seen(2, "home", NOON)])
    import os

    os.utime(hour, ns=(changed, changed))
    assert [batch.device_keys for batch in all_after(tail, 1)] == [[device(2)]]


def test_only_events_with_consent_to_personalisation_and_with_keys_count(tail: Tail, settings: Settings) -> None:
    """PRV-2"""
    commit(
        settings.paths,
        1,
        [
            seen(1, "home", NOON, has_personalisation_consent=False, has_advertising_consent=True),
            seen(2, "home", NOON, has_personalisation_consent=None),
            seen(3, "home", NOON, device_key=None, address_key=None),
            seen(4, "home", NOON),
        ],
    )
    assert [batch.device_keys for batch in all_after(tail, 0)] == [[device(4)]]


def test_withdrawals_and_what_retention_dropped_come_with_their_commit(tail: Tail, settings: Settings) -> None:
    """PRV-2, PRV-4"""
    commit(settings.paths, 1, withdrawn=[(5, NOON)])
    commit(settings.paths, 2, kept_from=FIRST_DAY)
    first, second = all_after(tail, 0)
    assert first.withdrawals == [(device(5), int(NOON.timestamp() * 1000))]
    assert second.events_kept_from_ms == int(FIRST_DAY.timestamp() * 1000)


def test_a_commit_whose_files_are_not_all_in_place_is_waited_for(tail: Tail, settings: Settings) -> None:
    commit(settings.paths, 1, [seen(1, "home", NOON)])
    staging = settings.paths.lake / ".staging" / f"{1:012d}-7"
    staging.mkdir(parents=True)
    assert tail.next(0) is None
    staging.rmdir()
    assert len(all_after(tail, 0)) == 1


def test_files_that_retention_took_meanwhile_are_no_mistake_and_a_damaged_ledger_is_one(
    tail: Tail, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(settings.paths, 1, [seen(1, "home", NOON), seen(2, "home", NOON + timedelta(hours=1))])
    real: Callable[..., Any] = Tail._files

    def vanishing(self: Tail, batch_id: int) -> Any:
        files = real(self, batch_id)
        files[0].unlink()
        return files

    monkeypatch.setattr(Tail, "_files", vanishing)
    assert [batch.device_keys for batch in all_after(tail, 0)] == [[device(2)]]
    entry = settings.paths.ledger / f"{2:012d}.json"
    entry.write_text(json.dumps({"as_of": "yesterday"}))
    with pytest.raises(StageError, match=r"^ledger: .* is damaged"):
        tail.next(1)
