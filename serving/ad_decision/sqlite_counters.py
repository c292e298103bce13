"""Caps in SQLite: embedded, durable, shared by all workers of one machine."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from core.algorithms.ads.plays import Play
from serving.ad_decision.counters import Answered, Ask, CountedPlay, CountersError, Given, PlacedByDay, Totals
from serving.ad_decision.group_commit import GroupCommit
from serving.ad_decision.play_rows import COLUMNS, micros, play_of, row_of

_SCHEMA = """
    create table if not exists plays (
        unit text, play_id text, spot_id text, creative text, campaign_id text, at integer, break_id text,
        slot integer, state text, start_by integer, device text, device_class text, content_id text,
        primary key (unit, play_id)
    ) without rowid;
    create table if not exists breaks (
        break_id text, fingerprint text, at integer, units text, answer blob, told text not null default '',
        primary key (break_id, fingerprint)
    ) without rowid;
    create table if not exists placed (
        day text, campaign_id text, device_class text, number integer, primary key (day, campaign_id, device_class)
    ) without rowid;
"""
_INSERT = f"insert or ignore into plays (unit, {COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_BREAKS = "select answer from breaks where at >= ? and at <= ? order by at desc limit ?"
_COUNTED = """
    select distinct spot_id, campaign_id, plays.break_id, plays.at, state,
        exists (select 1 from breaks where breaks.break_id = plays.break_id)
    from plays order by plays.at, plays.break_id, spot_id
"""
_ROWS_A_STEP = 4000
_ADD = """
    insert into placed values (?, ?, ?, ?) on conflict do update set number = number + excluded.number
"""


class SqliteCounters:
    """``Counters`` in one file; see ``group_commit`` for how it is written."""

    def __init__(self, file: Path, is_durable: bool = True) -> None:
        self._file = file
        self._writer = GroupCommit(file, _SCHEMA, is_durable)

    def decide(self, ask: Ask) -> "Future[Answered]":
        return self._writer.submit(lambda connection: _decide(connection, ask))

    def note(self, plays: Sequence[tuple[str, Play]]) -> "Future[int]":
        return self._writer.submit(lambda connection: sum(_note(connection, unit, play) for unit, play in plays))

    def settle(self, break_id: str, fingerprint: str, slot: int, event: str, at: datetime) -> "Future[Given | None]":
        return self._writer.submit(lambda connection: _settle(connection, (break_id, fingerprint), slot, event, at))

    def plays(self, units: Sequence[str], since: datetime) -> "Future[list[Play]]":
        return self._writer.submit(lambda connection: read(connection, units, since))

    def given(self, break_id: str, fingerprint: str) -> "Future[Given | None]":
        return self._writer.submit(lambda connection: _given(connection, (break_id, fingerprint)))

    def breaks(self, since: datetime, until: datetime, most: int) -> "Future[list[dict[str, Any]]]":
        rows = self._read_beside(_BREAKS, (micros(since), micros(until), most))
        return done(lambda: [orjson.loads(row[0]) for row in rows()])

    def counted(self) -> "Future[list[CountedPlay]]":
        rows = self._read_beside(_COUNTED, ())
        return done(lambda: [(*row[:5], bool(row[5])) for row in rows()])

    def _read_beside(self, query: str, values: tuple[int, ...]) -> Callable[[], list[Any]]:
        """Long readings go beside the writer, so that no break waits for them."""

        def read() -> list[Any]:
            if not self._file.exists():
                return []
            address = f"{self._file.absolute().as_uri()}?mode=ro"
            try:
                with closing(sqlite3.connect(address, uri=True, timeout=30.0)) as connection:
                    return connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise CountersError(f"the counters cannot be read: {error}") from None

        return read

    def totals(self) -> "Future[Totals]":
        query = "select campaign_id, device_class, sum(number) from placed group by campaign_id, device_class"
        return self._writer.submit(lambda connection: {(one, two): n for one, two, n in connection.execute(query)})

    def placed_by_day(self) -> "Future[PlacedByDay]":
        query = "select day, campaign_id, device_class, number from placed"
        return self._writer.submit(lambda connection: {(*key,): n for *key, n in connection.execute(query)})

    def forget(self, unit: str) -> "Future[int]":
        return self._writer.submit(lambda connection: _forget(connection, unit))

    def prune(self, before: datetime) -> "Future[int]":
        """In small steps, so that no break waits for it; done when this returns."""
        future: Future[int] = Future()
        gone = 0
        for table, second in (("plays", "play_id"), ("breaks", "fingerprint")):
            first = "unit" if table == "plays" else "break_id"
            step = _Step(table, f"{first}, {second}", micros(before))
            while step.is_left:
                gone += self._writer.submit(step.run).result()
        future.set_result(gone)
        return future

    def close(self) -> None:
        self._writer.close()


def done(work: Callable[[], Any]) -> "Future[Any]":
    """What was worked out at once, in the form of what is waited for."""
    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except CountersError as error:
        future.set_exception(error)
    return future


def read(connection: sqlite3.Connection, units: Sequence[str], since: datetime) -> list[Play]:
    """Return what stands under units since a time."""
    marks = ",".join("?" * len(units))
    query = f"select {COLUMNS} from plays where unit in ({marks}) and at >= ?"
    return [play_of(row) for row in connection.execute(query, (*units, micros(since)))]


def _decide(connection: sqlite3.Connection, ask: Ask) -> Answered:
    known = _given(connection, (ask.break_id, ask.fingerprint))
    if known is not None:
        return Answered(known.answer, (), False)
    choice = ask.choose(read(connection, ask.units, ask.since))
    answer = orjson.dumps(choice.answer)
    rows = [(unit, *row_of(play)) for play in choice.plays for unit in ask.booked_under]
    connection.executemany(_INSERT, rows)
    connection.execute(
        "insert into breaks (break_id, fingerprint, at, units, answer) values (?, ?, ?, ?, ?)",
        (ask.break_id, ask.fingerprint, micros(ask.at), json.dumps(ask.booked_under), answer),
    )
    connection.executemany(_ADD, [(ask.day, play.campaign_id, play.device_class, 1) for play in choice.plays])
    return Answered(choice.answer, choice.plays, True)


def _note(connection: sqlite3.Connection, unit: str, play: Play) -> int:
    query = "select play_id, state from plays where unit = ? and break_id = ? and (spot_id = ? or creative = ?)"
    known = connection.execute(query, (unit, play.break_id, play.spot_id, play.creative)).fetchone()
    if known is None:
        return connection.execute(_INSERT, (unit, *row_of(play))).rowcount
    play_id, state = known
    if state == "played":
        return 0
    connection.execute(
        "update plays set state = 'played', at = ?, start_by = null where unit = ? and play_id = ?",
        (micros(play.at), unit, play_id),
    )
    return 1


def _settle(connection: sqlite3.Connection, key: tuple[str, str], slot: int, event: str, at: datetime) -> Given | None:
    given = _given(connection, key)
    if given is None:
        return None
    (told,) = connection.execute("select told from breaks where break_id = ? and fingerprint = ?", key).fetchone()
    name = f" {slot}:{event} "
    if name in told:
        return None
    connection.execute("update breaks set told = told || ? where break_id = ? and fingerprint = ?", (name, *key))
    spot = next((each for each in given.answer["spots"] if each["slot"] == slot), None)
    if spot is None or event not in ("impression", "error"):
        return given
    state, old = ("played", "reserved") if event == "impression" else ("released", "reserved")
    changed = 0
    for unit in given.units:
        changed += connection.execute(
            "update plays set state = ?, at = iif(? = 'played', ?, at), start_by = null "
            "where unit = ? and play_id = ? and state = ?",
            (state, state, micros(at), unit, spot["play_id"], old),
        ).rowcount
    if event == "error" and changed:
        connection.execute(_ADD, (given.answer["day"], spot["campaign_id"], given.answer["device_class"], -1))
    return given


def _given(connection: sqlite3.Connection, key: tuple[str, str]) -> Given | None:
    query = "select answer, units from breaks where break_id = ? and fingerprint = ?"
    row = connection.execute(query, key).fetchone()
    return None if row is None else Given(orjson.loads(row[0]), tuple(json.loads(row[1])))


def _forget(connection: sqlite3.Connection, unit: str) -> int:
    gone = connection.execute("delete from plays where unit = ? or device = ?", (unit, unit)).rowcount
    return gone + connection.execute("delete from breaks where instr(units, ?)", (json.dumps(unit),)).rowcount


class _Step:
    """Goes through a table by its key, some thousand rows at a time."""

    def __init__(self, table: str, key: str, before: int) -> None:
        self._table, self._key, self._before = table, key, before
        self._after = ("", "")
        self.is_left = True

    def run(self, connection: sqlite3.Connection) -> int:
        query = (
            f"select {self._key} from {self._table} where ({self._key}) > (?, ?) order by {self._key} limit 1 offset ?"
        )
        row = connection.execute(query, (*self._after, _ROWS_A_STEP)).fetchone()
        until = "" if row is None else f"and ({self._key}) <= (?, ?)"
        delete = f"delete from {self._table} where ({self._key}) > (?, ?) {until} and at < ?"
        gone = connection.execute(delete, (*self._after, *(row or ()), self._before)).rowcount
        self.is_left, self._after = row is not None, row or self._after
        return gone
