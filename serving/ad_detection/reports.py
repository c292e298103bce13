"""Reports of misdetections, open until somebody decides: a report alone changes nothing (AD-6).

In SQLite, for all workers of one machine and for the mining beside them. What is learned from lies elsewhere
(``core.contracts.ad_labels``) and is written by a decision only.
"""

import sqlite3
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from core.sqlite_file import open_sqlite

State = Literal["open", "accepted", "rejected"]
MOST_OPEN: Final = 50_000
"""From listeners: beyond it somebody has to decide first. 50,000 rows are 10 MB."""
_SCHEMA: Final = """
    create table if not exists reports (
        number integer primary key, id text unique not null, mark text unique, station text not null, at text not null,
        end_at text, label text not null, spot_id text, comment text not null, origin text not null,
        reported_at text not null, state text not null, decided_at text, reason text not null default ''
    );
    create index if not exists by_state on reports (state, origin);
"""
_COLUMNS: Final = "id, station, at, end_at, label, spot_id, comment, origin, reported_at, state, decided_at, reason"
_INSERT: Final = (
    "insert or ignore into reports (id, mark, station, at, end_at, label, spot_id, comment, origin, reported_at, state)"
    " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')"
)


@dataclass(frozen=True)
class Report:
    """What somebody says was heard at a station."""

    station: str
    at: datetime
    label: str
    """What it was, not what was detected."""
    spot_id: str | None = None
    comment: str = ""
    origin: str = "listener"
    """``listener``, or ``mining`` for a repetition that may be a spot (AD-5)."""
    end_at: datetime | None = None
    mark: str | None = None
    """Two reports with one mark are one: whoever mines the same day again adds nothing."""


class TooManyReportsError(Exception):
    """So many are open that nobody would read this one."""


class Reports:
    """The store. Safe to use from several threads and processes."""

    def __init__(self, file: Path, most_open: int = MOST_OPEN) -> None:
        self._file, self._most_open = file, most_open
        self._opened: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()

    def add(self, report: Report, now: datetime) -> str:
        """Keep a report durably; its id, or that of the one with the same mark.

        Raises:
            TooManyReportsError: it is a listener's, and too many of theirs are open.
        """
        number = uuid.uuid4().hex
        row = (
            number, report.mark, report.station, _text(report.at), _text(report.end_at), report.label, report.spot_id,
            report.comment, report.origin, _text(now),
        )  # fmt: skip
        with self._one_at_a_time:
            if report.origin == "listener" and self._open_from_listeners() >= self._most_open:
                raise TooManyReportsError(f"{self._most_open} reports wait for a decision; send it again later")
            done = self._connection().execute(_INSERT, row)
            if done.rowcount == 0:
                (number,) = (
                    self._connection().execute("select id from reports where mark = ?", (report.mark,)).fetchone()
                )
        return str(number)

    def of(self, number: str) -> dict[str, Any] | None:
        """One report by its id."""
        found = self._rows("where id = ?", (number,))
        return found[0] if found else None

    def listed(
        self, state: State | None = None, station: str | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[int, list[dict[str, Any]]]:
        """How many there are, and one page of them, the newest first."""
        wanted = {"state": state, "station": station}
        terms = [f"{name} = ?" for name, value in wanted.items() if value is not None]
        values = tuple(value for value in wanted.values() if value is not None)
        where = "where " + " and ".join(terms) if terms else ""
        with self._one_at_a_time:
            (total,) = self._connection().execute(f"select count(*) from reports {where}", values).fetchone()
        return int(total), self._rows(f"{where} order by number desc limit ? offset ?", (*values, limit, offset))

    def decide(self, number: str, state: State, now: datetime, reason: str) -> bool:
        """Close an open report; False if it was not open any more."""
        with self._one_at_a_time:
            done = self._connection().execute(
                "update reports set state = ?, decided_at = ?, reason = ? where id = ? and state = 'open'",
                (state, _text(now), reason, number),
            )
        return done.rowcount == 1

    def forget(self, before: datetime) -> int:
        """Remove what was decided before a time; how many went."""
        with self._one_at_a_time:
            return (
                self._connection()
                .execute("delete from reports where state <> 'open' and decided_at < ?", (_text(before),))
                .rowcount
            )

    def close(self) -> None:
        with self._one_at_a_time:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _open_from_listeners(self) -> int:
        counting = "select count(*) from reports where state = 'open' and origin = 'listener'"
        return int(self._connection().execute(counting).fetchone()[0])

    def _rows(self, where: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
        if not self._file.exists():
            return []
        with self._one_at_a_time:
            result = self._connection().execute(f"select {_COLUMNS} from reports {where}", values)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = open_sqlite(self._file, _SCHEMA)
        return self._opened


def as_answer(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored report as the API tells it: without what is empty only because nobody has decided."""
    return {name: value for name, value in row.items() if not (row["state"] == "open" and name in _DECIDED)}


_DECIDED: Final = ("decided_at", "reason")


def _text(at: datetime | None) -> str | None:
    """Times as sortable text."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
