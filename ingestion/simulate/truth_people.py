"""The truth about people, for evaluation only: age group and gender by device, income by household (HH-6, HH-9)."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.storage import written_aside
from ingestion.simulate.demographics import draw_income, draw_people
from ingestion.simulate.devices import Device, written
from ingestion.simulate.month import Simulation

SHARED_FROM = 2
"""So many persons before a television make it nobody's own."""


def write_people(directory: Path, simulation: Simulation) -> None:
    """Write ``person.csv`` (mac, age_group, gender) and ``income.csv`` (household_id, income).

    A device that several persons use, such as a household's television, has neither age group nor gender. A randomised
    MAC has a row for every MAC that it was seen with so far.
    """
    town, scenario = simulation.town, simulation.scenario
    people = draw_people(scenario, simulation.catalogue, town)
    watchers = Counter(person.television.number for person in town.persons if person.television is not None)
    rows = [
        (mac, *people[device.owner]) if watchers[device.number] < SHARED_FROM else (mac, "", "")
        for device in town.devices
        for mac in _macs(device)
    ]
    _write(directory / "person.csv", ("mac", "age_group", "gender"), rows)
    incomes = [(home.place_id, draw_income(scenario, town, number)) for number, home in enumerate(town.homes)]
    _write(directory / "income.csv", ("household_id", "income"), incomes)


def _macs(device: Device) -> list[str]:
    macs = sorted(set(device.macs_used.values())) if device.is_randomised else [device.mac]
    return [written(mac, 0) for mac in macs]


def _write(target: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with written_aside(target) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
