"""Households: the same whatever the order, kept from strangers and crowds, under ids that stay (HH-1, HH-2, HH-3)."""

import random
from pathlib import Path
from typing import Any

import pytest

from core.algorithms.households.model import Households
from tests.core.algorithms.households.town import DAY_MS, FIRST_DAY, HOUR_MS, Sighting, observe, partition, town

NOW = (FIRST_DAY + 40) * DAY_MS


def refreshed(seen: list[Sighting]) -> Households:
    households = Households()
    observe(households, seen)
    households.refresh(NOW)
    return households


def seen(device: str, address: str, day: int, hour: float, device_class: str = "tv", **more: Any) -> Sighting:
    at_ms = (FIRST_DAY + day) * DAY_MS + int(hour * HOUR_MS)
    return Sighting(device, f"{address}@{day}", at_ms, device_class, **more)


def evenings(devices: dict[str, str], address: str, days: range) -> list[Sighting]:
    """All of them at one address each evening."""
    return [
        seen(device, f"{address}-{day}", day, 19 + place / 10, device_class)
        for day in days
        for place, (device, device_class) in enumerate(devices.items())
    ]


MEYERS = {"tv": "tv", "phone": "smartphone", "tablet": "tablet"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_order_and_portions_events_come_in_the_households_are_the_same(seed: int) -> None:
    """HH-1: a stream that refreshes after every portion, late events among them, ends where one batch does."""
    all_of_it, draw = town(seed), random.Random(seed)
    at_once = refreshed(all_of_it)
    shuffled = draw.sample(all_of_it, len(all_of_it))
    streamed = Households()
    while shuffled:
        size = draw.randrange(1, 40)
        portion, shuffled = shuffled[:size], shuffled[size:]
        observe(streamed, portion + portion[:3])  # and some of it twice
        streamed.refresh(NOW)
    assert len(partition(at_once)) > 4
    assert partition(streamed) == partition(at_once)


@pytest.mark.parametrize("seed", [1, 2])
def test_adding_strangers_changes_no_household(seed: int) -> None:
    """HH-1: not even who is put together, and no id."""
    households = refreshed(town(seed))
    before, ids = partition(households), households.ids()
    observe(households, town(seed + 50, 12, prefix="stranger-"))
    changes = households.refresh(NOW)
    assert all(change.device_key is None or change.device_key.startswith("stranger-") for change in changes)
    assert before <= partition(households)
    assert ids.items() <= households.ids().items()


def test_an_address_that_goes_to_strangers_minutes_later_joins_nobody() -> None:
    """HH-2: leases are cut by who is seen, never assumed."""
    events = []
    for day in range(10):
        for shift, name in ((0, "a"), (1, "b")):
            address = f"ip{(day + shift) % 2}"
            events += [
                seen(f"{name}-{kind}", address, day, 18 + place / 10, kind)
                for place, kind in enumerate(("tv", "tablet"))
            ]
            events.append(seen(f"{name}-tv", f"ip{(day + shift + 1) % 2}", day, 0.5))  # before the provider cut
    assert partition(refreshed(events)) == {frozenset({"a-tv", "a-tablet"}), frozenset({"b-tv", "b-tablet"})}


def test_a_carriers_nat_joins_nobody_and_is_counted() -> None:
    events = evenings(MEYERS, "home", range(6))
    events += [seen(f"phone{n}", "nat", day, 20, "smartphone") for day in range(6) for n in range(40)]
    events += [seen("phone", "nat", day, 12, "smartphone") for day in range(6)]
    households = refreshed(events)
    assert frozenset(MEYERS) in partition(households)
    assert len(partition(households)) == 41
    assert households.crowds()["crowded_addresses"] == 6


def test_who_changes_to_and_fro_between_two_addresses_is_behind_both() -> None:
    """IPv4 and IPv6 of one router: the television speaks one, the tablet the other, the phone both."""
    events = []
    for day in range(3):
        events.append(seen("tv", "v4", day, 20, "tv"))
        events.append(seen("tablet", "v6", day, 20.5, "tablet"))
        for hour, address in ((19, "v4"), (19.1, "v6"), (19.3, "v4")):
            events.append(seen("phone", address, day, hour, "smartphone"))
    assert partition(refreshed(events)) == {frozenset(MEYERS)}


def test_a_large_family_is_no_crowd() -> None:
    """Ten devices every evening, the same ones."""
    family = (
        {"the-tv": "tv"} | {f"phone{n}": "smartphone" for n in range(6)} | {f"tablet{n}": "tablet" for n in range(3)}
    )
    assert partition(refreshed(evenings(family, "home", range(6)))) == {frozenset(family)}


def test_ten_thousand_devices_on_one_address_in_a_minute_are_a_crowd() -> None:
    at_ms = FIRST_DAY * DAY_MS + 20 * HOUR_MS
    flood = [Sighting(f"f{n}", f"ip@{FIRST_DAY}", at_ms + n * 6, "smartphone") for n in range(10_000)]
    households = refreshed(flood + evenings(MEYERS, "home", range(4)))
    assert frozenset(MEYERS) in partition(households)
    assert households.crowds()["crowded_addresses"] == 1


def test_a_device_with_a_hundred_thousand_events_an_hour_is_seen_six_times() -> None:
    households = Households()
    count = 100_000
    at_ms = [FIRST_DAY * DAY_MS + (count - n) * HOUR_MS // count for n in range(count)]  # its clock going back
    households.observe(["d"] * count, ["ip"] * count, at_ms, ["tv"] * count)
    households.refresh(NOW)
    assert households.leases().to_pylist()[0]["event_count"] <= 7


def test_a_guest_stays_at_home_and_is_told_as_a_visit() -> None:
    """HH-4: what links are made of."""
    events = evenings(MEYERS, "home", range(8)) + evenings({"guest": "smartphone", "guest-tv": "tv"}, "other", range(8))
    events += [seen("guest", f"home-{day}", day, 21.5, "smartphone") for day in (8, 9)]
    events += evenings(MEYERS, "home", range(8, 10)) + [seen("tv", f"home-{day}", day, 22) for day in (8, 9)]
    events += evenings({"guest": "smartphone", "guest-tv": "tv"}, "other", range(10, 12))
    households = refreshed(events)
    assert partition(households) == {frozenset(MEYERS), frozenset({"guest", "guest-tv"})}
    ids = households.ids()
    visits = households.visits().to_pylist()
    assert {(row["device_key"], row["host_household_id"]) for row in visits} == {("guest", ids["tv"])}
    assert len(visits) == 2


def test_a_device_that_was_sold_lives_here_first_and_there_later() -> None:
    others = {"x-tv": "tv", "x-phone": "smartphone"}
    events = evenings(MEYERS, "home", range(24)) + evenings(others, "there", range(24))
    events += evenings({"sold": "tablet", "tv": "tv"}, "home", range(12))
    events += evenings({"sold": "tablet", "x-tv": "tv"}, "there", range(12, 24))
    households = refreshed(events)
    rows = [row for row in households.assignments().to_pylist() if row["device_key"] == "sold"]
    ids = households.ids()
    assert [row["household_id"] for row in rows] == [ids["tv"], ids["x-tv"]]
    assert rows[0]["until_at"] == rows[1]["from_at"]
    assert rows[1]["until_at"] is None


def test_withdrawn_consent_ends_the_row_at_that_time_even_if_told_first() -> None:
    """PRV-2."""
    households = Households()
    households.withdraw("phone", (FIRST_DAY + 5) * DAY_MS)
    observe(households, evenings(MEYERS, "home", range(4)))
    households.refresh(NOW)
    until = {row["device_key"]: row["until_at"] for row in households.assignments().to_pylist()}
    assert until["phone"] is not None
    assert until["tv"] is None


def test_an_erased_device_is_in_no_file_of_the_state_and_the_others_keep_their_id(tmp_path: Path) -> None:
    """PRV-3."""
    households = refreshed(
        evenings({"the-tv": "tv", "the-phone": "smartphone", "the-tablet": "tablet"}, "home", range(6))
    )
    before = households.ids()["the-tv"]
    households.forget(["the-phone"])
    changes = households.refresh(NOW)
    households.save(tmp_path)
    assert households.ids() == {"the-tv": before, "the-tablet": before}
    assert not [file.name for file in tmp_path.iterdir() if b"the-phone" in file.read_bytes()]
    assert [change.change for change in changes] == ["leave"]


def test_a_loaded_state_goes_on_under_the_same_ids(tmp_path: Path) -> None:
    events = town(5)
    households = refreshed(events[:-100])
    households.save(tmp_path)
    loaded = Households.load(tmp_path)
    assert loaded.ids() == households.ids()
    assert loaded.assignments() == households.assignments()
    for each in (households, loaded):
        observe(each, events[-100:])
    assert loaded.refresh(NOW) == households.refresh(NOW)
    assert loaded.ids() == households.ids()


def test_what_is_older_than_retention_is_forgotten() -> None:
    """PRV-4: as if it had never been seen."""
    events = evenings(MEYERS, "home", range(10)) + evenings({"old": "tv"}, "gone", range(3))
    households = refreshed(events)
    households.expire((FIRST_DAY + 5) * DAY_MS)
    changes = households.refresh(NOW)
    assert partition(households) == {frozenset(MEYERS)}
    assert ("leave", "old") in {(change.change, change.device_key) for change in changes}


def test_a_household_keeps_its_id_as_devices_join_and_a_randomised_mac_does_not_carry_it() -> None:
    """HH-3: the feed says new, join, leave, split and revert."""
    local = {"r1": "tablet", "r2": "tablet"}
    households = Households()
    observe(households, [*evenings({"tv": "tv"}, "home", range(3))])
    first = households.refresh(NOW)
    assert [(change.change, change.device_key) for change in first] == [("new", None), ("join", "tv")]
    home = households.ids()["tv"]
    observe(households, [
        seen(device, f"home-{day}", day, 19.2, device_class, is_local=True)
        for day in range(3) for device, device_class in local.items()
    ])  # fmt: skip
    second = households.refresh(NOW)
    assert {(change.change, change.device_key) for change in second} == {("join", "r1"), ("join", "r2")}
    assert set(households.ids().values()) == {home}


def test_why_counts_in_words() -> None:
    households = refreshed(evenings(MEYERS, "home", range(5)))
    why = households.why("phone")
    assert (why.days, why.addresses, why.days_elsewhere) == (5, 5, 0)
    assert dict(why.co_seen) == {"tv": 5, "tablet": 5}
    assert "5 days" in why.sentence
    assert households.why("nobody").household_id is None
