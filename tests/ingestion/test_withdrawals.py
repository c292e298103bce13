"""PRV-2, HH-1: a consent withdrawn ends what is known of a device from then on, and is itself known in the lake."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.contracts.lake import WITHDRAWALS
from core.privacy import load_pseudonyms
from core.settings import Settings
from ingestion.landing import ingest_source
from ingestion.retention import drop_expired

BOTH, NEITHER = {"personalisation": True, "advertising": True}, {"personalisation": False, "advertising": False}
PERSONAL, ADS = BOTH | {"advertising": False}, BOTH | {"personalisation": False}
MAC, OTHER = "3c9a77102030", "3c9a77102031"


class World:
    """One device that says something at some hour, and what the lake knows of its withdrawals."""

    def __init__(self, settings: Settings, landing: Any, view: Callable[..., dict[str, Any]], as_of: datetime) -> None:
        self.settings, self._landing, self._view, self._as_of = settings, landing, view, as_of
        self._count = 0

    def event(self, hour: int, consent: Any, mac: str = MAC) -> dict[str, Any]:
        self._count += 1
        return self._view(f"e{self._count}", at=f"2026-05-01T{hour:02d}:00:00Z", consent=consent, mac=mac)

    def deliver(self, *events: dict[str, Any]) -> None:
        self._landing.put(f"events/{self._count:03d}.jsonl", events)
        ingest_source(self.settings, self._landing.root, self._as_of)

    def rows(self) -> list[dict[str, Any]]:
        files = sorted(self.settings.paths.withdrawals.glob("*.parquet"))
        assert all(pq.read_schema(file).equals(WITHDRAWALS) for file in files)
        return [row for file in files for row in pq.read_table(file).to_pylist()]

    def found(self, mac: str = MAC) -> list[tuple[str, int]]:
        """(purpose, hour) of a device's withdrawals, in the order of their commits."""
        key = load_pseudonyms(self.settings.paths.keys).device_key(mac)
        return [(row["purpose"], row["withdrawn_at"].hour) for row in self.rows() if row["device_key"] == key]


@pytest.fixture
def world(settings: Settings, landing: Any, view: Callable[..., dict[str, Any]], as_of: datetime) -> World:
    return World(settings, landing, view, as_of)


def test_the_first_event_without_a_consent_after_one_with_it_is_its_withdrawal(world: World) -> None:
    """PRV-2, HH-1: by the time of the events, not by the order in which they come."""
    world.deliver(world.event(9, NEITHER), world.event(7, NEITHER), world.event(5, BOTH), world.event(6, ADS))
    assert sorted(world.found()) == [("advertising", 7), ("personalisation", 6)]


def test_a_device_that_never_consented_leaves_no_trace(world: World) -> None:
    """PRV-2: nor does a purpose that was never consented to."""
    world.deliver(
        world.event(5, NEITHER), world.event(5, PERSONAL, OTHER), world.event(6, None), world.event(7, NEITHER)
    )
    assert world.rows() == []
    assert list(world.settings.paths.lake.rglob("withdrawals/*")) == []


def test_a_withdrawal_is_found_in_a_later_run(world: World) -> None:
    """PRV-2: what was consented to is read from the lake; a missing consent is none."""
    world.deliver(world.event(5, BOTH), world.event(5, BOTH, OTHER))
    world.deliver(world.event(8, None))
    assert world.found() == [("advertising", 8), ("personalisation", 8)]
    assert world.found(OTHER) == []
    assert {row["batch_id"] for row in world.rows()} == {2}


def test_a_withdrawal_is_noted_once_until_the_consent_is_given_again(world: World) -> None:
    """PRV-2, LOG-4: events that come again change nothing."""
    first = [world.event(5, PERSONAL), world.event(6, NEITHER), world.event(7, NEITHER)]
    world.deliver(*first)
    world.deliver(world.event(8, NEITHER), *first)
    assert world.found() == [("personalisation", 6)]
    world.deliver(world.event(9, PERSONAL), world.event(10, NEITHER), world.event(11, NEITHER))
    assert world.found() == [("personalisation", 6), ("personalisation", 10)]


def test_an_event_before_the_consent_withdraws_nothing(world: World) -> None:
    """PRV-2: consent counts from its event on."""
    world.deliver(world.event(5, PERSONAL))
    world.deliver(world.event(4, NEITHER))
    assert world.found() == []


def test_a_line_for_the_careful_path_withdraws_as_well(world: World) -> None:
    """PRV-2: a page that looks like an address is none of the fast path's business."""
    world.deliver(world.event(5, PERSONAL), world.event(6, NEITHER) | {"page": "/1.2.3.4"})
    assert world.found() == [("personalisation", 6)]


def test_withdrawals_are_kept_as_long_as_events(world: World) -> None:
    """PRV-4: those of one file go each in its time."""
    world.deliver(world.event(5, PERSONAL), world.event(6, NEITHER), world.event(8, PERSONAL), world.event(9, NEITHER))
    later = datetime.fromisoformat("2026-05-01T07:00:00Z") + timedelta(days=world.settings.retention.events)
    assert drop_expired(world.settings, later)["withdrawals"] == 1
    assert world.found() == [("personalisation", 9)]
    assert drop_expired(world.settings, later + timedelta(hours=3))["withdrawals"] == 1
    assert world.rows() == []
