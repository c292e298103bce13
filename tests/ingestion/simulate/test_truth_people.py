"""LOG-3: the truth about people, for the evaluation of HH-6 and HH-9; it moves not one line of the logs."""

import csv
from collections import Counter
from typing import Any

from core.privacy import normalise_mac
from ingestion.simulate.demographics import AGES, GENDERS, INCOMES, KIDS


def rows(month: Any, name: str) -> list[dict[str, str]]:
    with (month.directory / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_device_of_the_logs_has_an_owner_or_is_shared(month: Any) -> None:
    people = {normalise_mac(row["mac"]): row for row in rows(month, "person")}
    assert {normalise_mac(event["mac"]) for event in month.whole.values()} <= people.keys()
    assert {row["age_group"] for row in people.values()} == {"", KIDS, *AGES}
    assert {row["gender"] for row in people.values()} == {"", *GENDERS}


def test_only_televisions_and_sold_devices_are_shared(month: Any) -> None:
    shared = {normalise_mac(row["mac"]) for row in rows(month, "person") if not row["age_group"]}
    sold = {normalise_mac(row["mac"]) for row in rows(month, "household_case") if row["case"] == "sold"}
    events = (event for event in month.whole.values() if normalise_mac(event["mac"]) in shared - sold)
    assert set(Counter(event["device_class"] for event in events)) == {"tv"}


def test_a_device_has_one_row_also_where_its_owner_moved(month: Any) -> None:
    macs = [row["mac"] for row in rows(month, "person")]
    assert len(set(macs)) == len(macs)


def test_every_household_has_an_income_and_more_devices_where_it_is_high(month: Any) -> None:
    incomes = {row["household_id"]: row["income"] for row in rows(month, "income")}
    homes = {row["household_id"] for row in rows(month, "device_household")}
    assert homes <= incomes.keys()
    assert set(incomes.values()) == set(INCOMES)
    town = month.run.simulation.town
    owned = {income: [0, 0] for income in INCOMES}
    for number, home in enumerate(town.homes):
        adults = [town.persons[member] for member in town.members[number] if not town.persons[member].is_kid]
        owned[incomes[home.place_id]][0] += sum(len(person.devices) for person in adults)
        owned[incomes[home.place_id]][1] += len(adults)
    low, middle, high = (owned[income][0] / owned[income][1] for income in INCOMES)
    assert low < middle < high
