"""Who the viewers are: age, gender and income, drawn to fit what they watched and own, for the truth only.

They are drawn after everything else, from streams of their own and by Bayes' rule: the chance of an age or a gender is
its share of the population times how well people of that kind fit to what the person watched; the chance of an income
is its share times how many devices such households own. So viewing and devices tell of them as if they had caused them,
and not one line of the logs depends on it. The tables are the simulation's own, and blunt: they are not those of
``config/households``, so that inference does not read its own assumptions back.
"""

import math
import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ingestion.simulate.catalogue import Catalogue
from ingestion.simulate.households import Town
from ingestion.simulate.persons import Person
from ingestion.simulate.scenario import Scenario
from ingestion.simulate.themes import THEMES

Floats = npt.NDArray[np.float64]

KIDS = "3-13"
AGES = ("14-29", "30-49", "50-64", "65+")
GENDERS = ("female", "male")
INCOMES = ("low", "middle", "high")

_AGE_SHARES = (0.2, 0.31, 0.25, 0.24)
_INCOME_SHARES = (0.3, 0.55, 0.15)
_OWN_DEVICES = (1.1, 1.6, 2.6)
"""Of an adult, by income."""
_STRENGTH = 0.7
"""How much one video says of who chose it; 1: they are chosen independently."""
_FAMILY = 1.0
"""How much a partner's age, or children, say of a person's age (log-odds)."""
_ROUNDS = 30
_AGE_FAVOURS: dict[str, Sequence[float]] = {
    "krimi": (0.5, 0.9, 1.3, 1.5), "drama": (0.8, 0.9, 1.1, 1.2), "comedy": (2.2, 1.3, 0.7, 0.4),
    "history": (0.5, 0.8, 1.3, 1.5), "nature": (0.6, 0.9, 1.1, 1.4), "science": (1.4, 1.2, 0.9, 0.6),
    "politics": (0.5, 0.9, 1.3, 1.3), "shows": (1.1, 1.0, 0.9, 1.1), "football": (1.2, 1.1, 0.9, 0.8),
    "wintersport": (0.5, 0.8, 1.2, 1.5), "kitchen": (0.8, 1.2, 1.0, 1.0), "garden": (0.2, 0.8, 1.4, 1.6),
    "consumer": (0.4, 1.0, 1.3, 1.3), "animation": (1.0, 1.0, 1.0, 1.0), "kids-craft": (1.0, 1.0, 1.0, 1.0),
}  # fmt: skip
_GENDER_FAVOURS: dict[str, Sequence[float]] = {
    "krimi": (1.1, 0.9), "drama": (1.5, 0.6), "comedy": (1.0, 1.0), "history": (0.8, 1.2), "nature": (1.1, 0.9),
    "science": (0.7, 1.4), "politics": (0.9, 1.1), "shows": (1.3, 0.8), "football": (0.5, 1.8),
    "wintersport": (0.8, 1.2), "kitchen": (1.5, 0.7), "garden": (1.4, 0.8), "consumer": (1.0, 1.0),
}  # fmt: skip


def draw_people(scenario: Scenario, catalogue: Catalogue, town: Town) -> list[tuple[str, str]]:
    """Return age group and gender of every person; partners are mostly of an age, parents mostly 30 to 49."""
    adults = [person for person in town.persons if not person.is_kid]
    watched = _watched(catalogue, adults)
    rows = {person.number: row for row, person in enumerate(adults)}
    by_age = _logs(watched, _AGE_FAVOURS, _AGE_SHARES)
    by_gender = _logs(watched, _GENDER_FAVOURS, (0.5, 0.5))
    people: dict[int, tuple[str, str]] = {}
    for members in town.members:
        partner: str | None = None
        has_kids = any(town.persons[member].is_kid for member in members)
        for member in members:
            stream = scenario.stream("demographics", member)
            if member not in rows:
                people[member] = (KIDS, stream.choice(GENDERS))
                continue
            ages = by_age[rows[member]].tolist()
            if partner is not None:
                ages[AGES.index(partner)] += _FAMILY
            if has_kids:
                ages[AGES.index("30-49")] += _FAMILY
            partner = _draw(stream, AGES, ages)
            people[member] = (partner, _draw(stream, GENDERS, by_gender[rows[member]].tolist()))
    return [people[number] for number in range(len(town.persons))]


def _watched(catalogue: Catalogue, persons: Sequence[Person]) -> Floats:
    """Videos seen by theme, (persons, themes)."""
    places = {theme.name: place for place, theme in enumerate(THEMES)}
    counts = np.zeros((len(persons), len(THEMES)))
    for row, person in enumerate(persons):
        for index in person.seen:
            counts[row, places[catalogue.contents[index].theme.name]] += 1
    return counts


def _logs(watched: Floats, favours: dict[str, Sequence[float]], shares: Sequence[float]) -> Floats:
    """Log of each kind's chance, (persons, kinds), shifted so that the kinds have their shares of the town."""
    table = np.array([favours.get(theme.name, (1.0,) * len(shares)) for theme in THEMES])
    usual = watched.sum(axis=0) @ table / max(float(watched.sum()), 1.0)  # else who watches much would all be of an age
    logs = _STRENGTH * watched @ np.log(table / np.maximum(usual, 1e-9))
    offsets = np.log(np.array(shares))
    for _ in range(_ROUNDS):
        chances = np.exp(logs + offsets - (logs + offsets).max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        offsets = offsets + np.log(np.array(shares) / np.maximum(chances.mean(axis=0), 1e-9))
    return np.asarray(logs + offsets, dtype=np.float64)


def draw_income(scenario: Scenario, town: Town, number: int) -> str:
    """Return the income class of a household."""
    adults = [town.persons[member] for member in town.members[number] if not town.persons[member].is_kid]
    owned = sum(len(person.devices) for person in adults)
    logs = []
    for share, each in zip(_INCOME_SHARES, _OWN_DEVICES, strict=True):
        mean = each * len(adults)
        logs.append(math.log(share) + owned * math.log(mean) - mean)
    return _draw(scenario.stream("income", number), INCOMES, logs)


def _draw(stream: random.Random, names: Sequence[str], logs: Sequence[float]) -> str:
    most = max(logs)
    return stream.choices(names, [math.exp(each - most) for each in logs])[0]
