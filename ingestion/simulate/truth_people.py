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

_NOBODY = ("", "")


def write_people(directory: Path, simulation: Simulation) -> None:
    """Write ``person.csv`` (mac, age_group, gender) and ``income.csv`` (household_id, income).

    A device that several persons use, at once (a household's television) or one after the other (a sold one), has
    neither age group nor gender. A randomised MAC has a row for every MAC that it was seen with so far.
    """
    town, scenario = simulation.town, simulation.scenario
    people = draw_people(scenario, simulation.catalogue, town)
    watchers = Counter(person.television.number for person in town.persons if person.television is not None)
    said: dict[str, set[tuple[str, str]]] = {}
    for device in town.devices:
        owner = town.persons[device.owner]
        who = people[owner.number if owner.same_as < 0 else owner.same_as]
        for mac in _macs(device):
            said.setdefault(mac, set()).add(who if watchers[device.number] < SHARED_FROM else _NOBODY)
    rows = [(mac, *(min(each) if len(each) == 1 else _NOBODY)) for mac, each in said.items()]
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
