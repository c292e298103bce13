"""LOG-3, HH-1, HH-2: what ``--hard`` puts into the town, and that the truth says so."""

import csv
from collections import defaultdict
from typing import Any

import pytest

from core.privacy import normalise_mac
from ingestion.simulate.month import Simulation
from ingestion.simulate.scenario import DAY_MS

PUT_IN = {"sold", "moved-out", "moved-in", "moved", "one-router", "rare", "mostly-mobile", "shift-worker"}
FOUND = {"single-device", "guest", "carrier-nat", "daily-lease", "random-mac", "rotating-mac"}


@pytest.fixture(scope="module")
def simulation(small: Any) -> Simulation:
    """Thirty days of town, nothing sent."""
    return Simulation(small(households=300, days=30, is_hard=True))


def _of(simulation: Simulation, case: str) -> list[str]:
    return [place_id for place_id, name in simulation.town.household_cases if name == case]


def test_each_case_is_named_in_the_truth_with_a_household_or_a_mac_of_it(month: Any) -> None:
    with (month.directory / "truth" / "household_case.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["case"] for row in rows} == PUT_IN | FOUND
    homes = {home.place_id for home in month.run.simulation.town.homes}
    assert {row["household_id"] for row in rows} <= homes
    assert all(normalise_mac(row["mac"]) for row in rows if row["mac"])


def test_the_usual_setting_has_only_the_cases_that_any_town_has(small: Any) -> None:
    from ingestion.simulate.hardness import case_rows

    assert {row[2] for row in case_rows(Simulation(small()))} <= FOUND


def test_a_sold_device_is_at_home_with_one_household_and_later_with_another(simulation: Simulation) -> None:
    numbers = [number for number, case in simulation.town.device_cases if case == "sold"]
    sold = defaultdict(list)
    for number in numbers:
        sold[simulation.town.devices[number].mac].append(simulation.town.devices[number])
    assert len(sold) == 6
    for before, after in sold.values():
        assert before.home is not after.home
        assert 0 <= before.until_ms < after.from_ms
        assert simulation.town.persons[after.owner].home is after.home


def test_who_moves_is_never_in_two_households_at_once(simulation: Simulation) -> None:
    """A child moving out, somebody moving in: the same devices, first here, then there."""
    town = simulation.town
    moved = [device for device in town.devices if device.identity >= 0]
    assert len(moved) > 10
    for device in moved:
        before = town.devices[device.identity]
        assert 0 <= before.until_ms <= device.from_ms
        assert before.home is not device.home
    for home in _of(simulation, "moved-out")[1::2]:
        person = next(person for person in town.persons if person.home.place_id == home)
        left = min(until for _, until in person.absences)
        assert person.is_absent(left - 1)
        assert not person.is_absent(left)


def test_a_household_that_moves_has_another_connection_from_that_day_on(simulation: Simulation) -> None:
    """HH-2: one or more IPs over time."""
    scenario, town = simulation.scenario, simulation.town
    movers = [home for home in town.homes if home.moves_at_ms >= 0]
    assert len(movers) == len(_of(simulation, "moved")) == 9
    for day in range(scenario.first_day + 1, scenario.last_day + 1):
        simulation.leases.pass_night(town.places, day)
    for home in movers:
        assert home.connection == home.moves_to
        assert home.moves_at_ms in home.starts
        assert home.address_at(home.moves_at_ms - DAY_MS) != home.address_at(home.moves_at_ms + 1)


def test_two_households_behind_one_router_have_the_same_addresses(simulation: Simulation) -> None:
    landlord, tenant = (
        next(home for home in simulation.town.homes if home.place_id == place_id)
        for place_id in _of(simulation, "one-router")[:2]
    )
    for at_ms in range(simulation.scenario.start_ms, simulation.scenario.end_ms, DAY_MS):
        assert landlord.address_at(at_ms) == tenant.address_at(at_ms)
    assert tenant.place_id in landlord.tenants


def test_a_mac_that_changes_by_network_shows_its_home_one_to_a_mobile_carrier(simulation: Simulation) -> None:
    town = simulation.town
    device = next(d for d in town.devices if d.is_randomised and d.mac_scope == "every-wifi")
    at_ms = simulation.scenario.start_ms
    at_home = device.mac_at(11, device.home, at_ms)
    assert device.mac_at(11, town.carriers[0], at_ms) == at_home
    assert device.mac_at(11, town.cafes[0], at_ms) != at_home
    steady = next(d for d in town.devices if d.is_randomised and d.mac_scope == "nowhere" and not d.is_rotating)
    assert steady.mac_at(11, steady.home, at_ms) == steady.mac_at(11, town.cafes[0], at_ms + 20 * DAY_MS)
