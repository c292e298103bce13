"""Interactions from a CSV file with the header ``user,item,timestamp`` (epoch seconds): the contract's form."""

import csv
from pathlib import Path

from core.errors import UserError
from training.datasets.interactions import Interactions, from_columns

COLUMNS = ("user", "item", "timestamp")
_LATEST_SECOND = 253_402_300_799  # the end of the year 9999: beyond it, it is milliseconds


def read_csv(file: Path) -> Interactions:
    """Read and check a file.

    Raises:
        UserError: it cannot be read, a column is missing, a value is empty or no time; names column and line.
    """
    users: list[str] = []
    items: list[str] = []
    at_ms: list[int] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines)
            places = _places(file, next(reader, []))
            for row in reader:
                if not row:
                    continue
                user, item, timestamp = _fields(file, reader.line_num, row, places)
                users.append(user)
                items.append(item)
                at_ms.append(_milliseconds(file, reader.line_num, timestamp))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"interactions: {file} cannot be read as UTF-8 CSV: {error}") from None
    if not users:
        raise UserError(f"interactions: {file} has no line below its header; add some")
    return from_columns(users, items, at_ms)


def _places(file: Path, header: list[str]) -> list[int]:
    names = [name.strip() for name in header]
    for column in COLUMNS:
        if column not in names:
            raise UserError(
                f"interactions: {file} line 1: column '{column}' is missing; the header must be {','.join(COLUMNS)}"
            )
    return [names.index(column) for column in COLUMNS]


def _fields(file: Path, line: int, row: list[str], places: list[int]) -> list[str]:
    for column, place in zip(COLUMNS, places, strict=True):
        if place >= len(row) or not row[place].strip():
            raise UserError(f"interactions: {file} line {line}: column '{column}' is empty; fill it or drop the line")
    return [row[place].strip() for place in places]


def _milliseconds(file: Path, line: int, text: str) -> int:
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 <= seconds <= _LATEST_SECOND:
        raise UserError(f"interactions: {file} line {line}: column 'timestamp': '{text}' is no time in epoch seconds")
    return int(seconds * 1000)
