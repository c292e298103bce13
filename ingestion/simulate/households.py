"""The simulated town: households with routers, persons and devices, places away from home, and who visits whom."""

import random
from dataclasses import dataclass, field

from ingestion.simulate.catalogue import Catalogue
from ingestion.simulate.devices import Device, hardware_mac
from ingestion.simulate.persons import LOGIN_SHARE, Person, make_person
from ingestion.simulate.places import Place
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, Scenario

CARRIER_COUNT = 6


@dataclass
class Town:
    """Everybody and everything that can be online."""

    places: list[Place] = field(default_factory=list)
    homes: list[Place] = field(default_factory=list)
    offices: list[Place] = field(default_factory=list)
    schools: list[Place] = field(default_factory=list)
    cafes: list[Place] = field(default_factory=list)
    carriers: list[Place] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    members: list[list[int]] = field(default_factory=list)
    """Person numbers of each household."""
    links: list[tuple[int, int, float]] = field(default_factory=list)
    """(visiting household, visited household, chance of a visit a day)."""
    household_cases: list[tuple[str, str]] = field(default_factory=list)
    """(household, what makes it hard to tell), for the truth."""
    device_cases: list[tuple[int, str]] = field(default_factory=list)
    """(number of a device, what makes it hard to tell)."""


def build_town(scenario: Scenario, catalogue: Catalogue) -> Town:
    """Draw the whole town from the scenario's seed."""
    stream = scenario.stream("town")
    town = Town()
    _add_places(town, scenario, stream)
    for number, home in enumerate(town.homes):
        _add_household(town, scenario, catalogue, stream, number, home)
    _link_households(town, scenario, stream)
    return town


def _add_places(town: Town, scenario: Scenario, stream: random.Random) -> None:
    kinds = ("daily", "long", "shared")
    weights = (0.4, 0.3, 0.3) if scenario.is_hard else (0.32, 0.54, 0.14)
    for number in range(scenario.households):
        place = Place(f"h{number:06d}", stream.choices(kinds, weights)[0])
        place.reassigned_at_ms = stream.randrange(HOUR_MS, 5 * HOUR_MS)
        town.homes.append(place)
    for name, target, share in (("office", town.offices, 60), ("school", town.schools, 150), ("cafe", town.cafes, 80)):
        target.extend(Place(f"place:{name}-{n:04d}", "fixed") for n in range(scenario.households // share + 1))
    town.carriers.extend(Place(f"place:carrier-{n:02d}", "fixed") for n in range(CARRIER_COUNT))
    town.places = [*town.homes, *town.offices, *town.schools, *town.cafes, *town.carriers]


def _add_household(
    town: Town, scenario: Scenario, catalogue: Catalogue, stream: random.Random, number: int, home: Place
) -> None:
    adults = 1 if stream.random() < 0.42 else 2
    kids = stream.choice((0, 0, 1, 1, 2, 3)) if adults == 2 else int(stream.random() < 0.12)
    town.members.append([])
    for place in range(adults + kids):
        is_kid = place >= adults
        person = make_person(scenario, catalogue, stream, len(town.persons), home, is_kid)
        if is_kid:
            first_parent = town.persons[town.members[number][0]]
            person.has_personalisation = first_parent.has_personalisation  # parents decide
            person.has_advertising, person.withdrawn_at_ms = False, first_parent.withdrawn_at_ms
            person.day_place = stream.choice(town.schools)
        elif stream.random() < 0.45:
            person.day_place = stream.choice(town.offices)
        town.persons.append(person)
        town.members[number].append(person.number)
        login = f'"u{stream.randrange(16**10):010x}"' if stream.random() < LOGIN_SHARE else "null"
        _add_own_devices(town, scenario, stream, person, login)
    if stream.random() < 0.85:
        first = town.persons[town.members[number][0]]
        login = first.devices[0].user_json if first.devices else "null"
        television = _device(town, scenario, stream, "tv", first, login)
        for member in town.members[number]:
            town.persons[member].television = television
    for member in town.members[number]:  # nobody without any device
        person = town.persons[member]
        if not person.devices and person.television is None:
            person.devices.append(_device(town, scenario, stream, "smartphone", person, "null"))


def _add_own_devices(town: Town, scenario: Scenario, stream: random.Random, person: Person, login: str) -> None:
    chances = (("smartphone", 0.25), ("tablet", 0.6)) if person.is_kid else (
        ("smartphone", 0.85), ("tablet", 0.3), ("desktop", 0.45),
    )  # fmt: skip
    for device_class, chance in chances:
        if stream.random() < chance:
            person.devices.append(_device(town, scenario, stream, device_class, person, login))


def _device(
    town: Town, scenario: Scenario, stream: random.Random, device_class: str, owner: Person, login: str
) -> Device:
    number = len(town.devices)
    device = Device(
        number, device_class, owner.home, owner.number, hardware_mac(scenario.seed, number), stream.randrange(4), login,
        from_ms=scenario.start_ms,
    )  # fmt: skip
    portable = device_class in ("smartphone", "tablet")
    device.is_randomised = portable and stream.random() < (0.5 if scenario.is_hard else 0.2)
    device.is_rotating = device.is_randomised and stream.random() < 0.3
    device.has_ipv6 = device_class != "tv" and stream.random() < 0.75
    if stream.random() < 0.03:  # bought within the month
        device.from_ms = stream.randrange(scenario.start_ms, scenario.end_ms)
    elif stream.random() < 0.02:  # given away or broken
        device.until_ms = scenario.start_ms + stream.randrange(DAY_MS, scenario.days * DAY_MS + DAY_MS)
    town.devices.append(device)
    return device


def _link_households(town: Town, scenario: Scenario, stream: random.Random) -> None:
    """Families and friends: a third of the households visit one or two others now and then."""
    if scenario.households < 2:
        return
    share = 0.5 if scenario.is_hard else 0.3
    for number in range(scenario.households):
        if stream.random() >= share:
            continue
        for _ in range(stream.choice((1, 1, 2))):
            other = stream.randrange(scenario.households - 1)
            other += other >= number
            town.links.append((number, other, stream.choice((0.06, 0.12, 0.25))))
