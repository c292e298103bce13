"""The truth of a simulation, in pseudonyms: for evaluation only."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.privacy import Pseudonyms, normalise_mac

DEVICES, LINKS, CASES = "device_household.csv", "household_link.csv", "household_case.csv"


@dataclass(frozen=True)
class Truth:
    """Who really lives where (at last, where a device moved), who visits whom, and who is a hard case."""

    homes: dict[str, str]
    links: set[tuple[str, str]]
    cases: dict[str, set[str]]
    """Devices by case; without a file of cases there are none."""


def read_truth(directory: Path, pseudonyms: Pseudonyms) -> Truth:
    """Read a truth directory (contract: ``mediathek simulate``).

    Raises:
        UserError: a file is missing, or a column or MAC in it is not what it should be.
    """
    keys: dict[str, str] = {}
    latest: dict[str, tuple[str, str]] = {}
    for row in _rows(directory / DEVICES, ("mac", "household_id", "from", "until")):
        key = keys.setdefault(row["mac"], _key(row["mac"], pseudonyms))
        latest[key] = max(latest.get(key, ("", "")), (row["from"], row["household_id"]))
    homes = {key: home for key, (_, home) in latest.items()}
    links = {
        (row["household_a"], row["household_b"]) for row in _rows(directory / LINKS, ("household_a", "household_b"))
    }
    members: dict[str, set[str]] = defaultdict(set)
    for key, home in homes.items():
        members[home].add(key)
    cases: dict[str, set[str]] = defaultdict(set)
    if (directory / CASES).exists():
        for row in _rows(directory / CASES, ("household_id", "mac", "case")):
            of = {_key(row["mac"], pseudonyms)} if row["mac"] else members[row["household_id"]]
            cases[row["case"]] |= of
    return Truth(homes, links, dict(cases))


def _key(mac: str, pseudonyms: Pseudonyms) -> str:
    normalised = normalise_mac(mac)
    if normalised is None:
        raise UserError(f"truth: '{mac}' is no MAC address")
    return pseudonyms.device_key(normalised)


def _rows(file: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError:
        raise UserError(f"truth: {file} cannot be read; name the directory that simulate wrote as truth/") from None
    missing = [column for column in columns if rows and column not in rows[0]]
    if missing:
        raise UserError(f"truth: {file.name} has no column {missing[0]}")
    return rows
