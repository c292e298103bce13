"""Caps in PostgreSQL, for workers on several machines: one transaction a break, its units locked in order."""

import json
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
import psycopg

from core.algorithms.ads.plays import Play
from core.errors import UserError
from serving.ad_decision.counters import Answered, Ask, CountedPlay, CountersError, Given, PlacedByDay, Totals
from serving.ad_decision.play_rows import COLUMNS, micros, play_of, row_of

_SCHEMA = """
    create table if not exists ad_plays (
        unit text, play_id text, spot_id text, creative text, campaign_id text, at bigint, break_id text,
        slot integer, state text, start_by bigint, device text, device_class text, content_id text,
        primary key (unit, play_id)
    );
    create table if not exists ad_breaks (
        break_id text, fingerprint text, at bigint, units text, answer text, told text not null default '',
        primary key (break_id, fingerprint)
    );
    create table if not exists ad_placed (
        day text, campaign_id text, device_class text, number integer, primary key (day, campaign_id, device_class)
    );
"""
_INSERT = f"""
    insert into ad_plays (unit, {COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict do nothing
"""
_ADD = """
    insert into ad_placed values (%s, %s, %s, %s)
    on conflict (day, campaign_id, device_class) do update set number = ad_placed.number + excluded.number
"""
_COUNTED = """
    select distinct spot_id, campaign_id, plays.break_id, plays.at, state,
        exists (select 1 from ad_breaks where ad_breaks.break_id = plays.break_id)
    from ad_plays as plays order by plays.at, plays.break_id, spot_id
"""
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 7))"
_CONNECTIONS = 8
Connection = psycopg.Connection[tuple[Any, ...]]
Key = tuple[str, str]


class PostgresCounters:
    """``Counters`` behind an address like ``postgresql://user@host/database``."""

    def __init__(self, address: str) -> None:
        """Connect and make what is missing.

        Raises:
            UserError: the server cannot be reached.
        """
        self._address = address
        self._idle: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(_CONNECTIONS, "ad counters")
        try:
            with self._connected() as connection, connection.transaction():
                connection.execute(_LOCK, ("schema",))
                connection.execute(_SCHEMA)
        except psycopg.Error as error:
            raise UserError(f"ad_decision.counters: PostgreSQL does not answer ({_line(error)}); check it") from None

    def decide(self, ask: Ask) -> "Future[Answered]":
        return self._submit(lambda connection: _decide(connection, ask))

    def note(self, plays: Sequence[tuple[str, Play]]) -> "Future[int]":
        return self._submit(lambda connection: _note_all(connection, plays))

    def settle(self, break_id: str, fingerprint: str, slot: int, event: str, at: datetime) -> "Future[Given | None]":
        return self._submit(lambda connection: _settle(connection, (break_id, fingerprint), slot, event, at))

    def plays(self, units: Sequence[str], since: datetime) -> "Future[list[Play]]":
        return self._submit(lambda connection: _read(connection, units, since))

    def given(self, break_id: str, fingerprint: str) -> "Future[Given | None]":
        return self._submit(lambda connection: _given(connection, (break_id, fingerprint)))

    def breaks(self, since: datetime, until: datetime, most: int) -> "Future[list[dict[str, Any]]]":
        query = "select answer from ad_breaks where at between %s and %s order by at desc limit %s"
        values = (micros(since), micros(until), most)
        return self._submit(lambda connection: [orjson.loads(row[0]) for row in connection.execute(query, values)])

    def counted(self) -> "Future[list[CountedPlay]]":
        return self._submit(lambda connection: connection.execute(_COUNTED).fetchall())

    def totals(self) -> "Future[Totals]":
        query = "select campaign_id, device_class, sum(number)::int from ad_placed group by 1, 2"
        return self._submit(lambda connection: {(one, two): n for one, two, n in connection.execute(query)})

    def placed_by_day(self) -> "Future[PlacedByDay]":
        query = "select day, campaign_id, device_class, number from ad_placed"
        return self._submit(lambda connection: {(*key,): n for *key, n in connection.execute(query)})

    def forget(self, unit: str) -> "Future[int]":
        return self._submit(lambda connection: _forget(connection, unit))

    def prune(self, before: datetime) -> "Future[int]":
        return self._submit(lambda connection: _prune(connection, micros(before)))

    def close(self) -> None:
        self._pool.shutdown()
        while not self._idle.empty():
            self._idle.get().close()

    def _submit(self, job: Callable[[Connection], Any]) -> "Future[Any]":
        return self._pool.submit(self._run, job)

    def _run(self, job: Callable[[Connection], Any]) -> Any:
        try:
            with self._connected() as connection, connection.transaction():
                return job(connection)
        except psycopg.Error as error:
            raise CountersError(f"PostgreSQL: {_line(error)}") from None

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection of our own; one that failed is not used again."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = psycopg.connect(self._address, connect_timeout=10, autocommit=True)
            connection.execute("set synchronous_commit = on")
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _lock(connection: Connection, units: Sequence[str]) -> None:
    """Always in the same order, so that nobody waits for somebody who waits for them."""
    for unit in sorted(set(units)):
        connection.execute(_LOCK, (unit,))


def _decide(connection: Connection, ask: Ask) -> Answered:
    _lock(connection, ask.units)
    known = _given(connection, (ask.break_id, ask.fingerprint))
    if known is not None:
        return Answered(known.answer, (), False)
    choice = ask.choose(_read(connection, ask.units, ask.since))
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [(unit, *row_of(play)) for play in choice.plays for unit in ask.booked_under])
        cursor.executemany(
            _ADD,
            [(ask.day, *counted, 1) for counted in sorted((str(p.campaign_id), p.device_class) for p in choice.plays)],
        )
    connection.execute(
        "insert into ad_breaks (break_id, fingerprint, at, units, answer) values (%s, %s, %s, %s, %s)",
        (
            ask.break_id,
            ask.fingerprint,
            micros(ask.at),
            json.dumps(ask.booked_under),
            orjson.dumps(choice.answer).decode(),
        ),
    )
    return Answered(choice.answer, choice.plays, True)


def _read(connection: Connection, units: Sequence[str], since: datetime) -> list[Play]:
    query = f"select {COLUMNS} from ad_plays where unit = any(%s) and at >= %s"
    return [play_of(row) for row in connection.execute(query, (list(units), micros(since)))]


def _note_all(connection: Connection, plays: Sequence[tuple[str, Play]]) -> int:
    _lock(connection, [unit for unit, _ in plays])
    return sum(_note(connection, unit, play) for unit, play in plays)


def _note(connection: Connection, unit: str, play: Play) -> int:
    query = "select play_id, state from ad_plays where unit = %s and break_id = %s and (spot_id = %s or creative = %s)"
    known = connection.execute(query, (unit, play.break_id, play.spot_id, play.creative)).fetchone()
    if known is None:
        return connection.execute(_INSERT, (unit, *row_of(play))).rowcount
    if known[1] == "played":
        return 0
    query = "update ad_plays set state = 'played', at = %s, start_by = null where unit = %s and play_id = %s"
    return connection.execute(query, (micros(play.at), unit, known[0])).rowcount


def _settle(connection: Connection, key: Key, slot: int, event: str, at: datetime) -> Given | None:
    given = _given(connection, key)
    if given is None:
        return None
    name = f" {slot}:{event} "
    once = (
        "update ad_breaks set told = told || %s where break_id = %s and fingerprint = %s and position(%s in told) = 0"
    )
    if not connection.execute(once, (name, *key, name)).rowcount:
        return None
    spot = next((each for each in given.answer["spots"] if each["slot"] == slot), None)
    if spot is None or event not in ("impression", "error"):
        return given
    _lock(connection, given.units)
    state = "played" if event == "impression" else "released"
    query = """
        update ad_plays set state = %s, start_by = null, at = case when %s = 'played' then %s else at end
        where unit = any(%s) and play_id = %s and state = 'reserved'
    """
    values = (state, state, micros(at), list(given.units), spot["play_id"])
    if connection.execute(query, values).rowcount and event == "error":
        connection.execute(_ADD, (given.answer["day"], spot["campaign_id"], given.answer["device_class"], -1))
    return given


def _given(connection: Connection, key: Key) -> Given | None:
    query = "select answer, units from ad_breaks where break_id = %s and fingerprint = %s"
    row = connection.execute(query, key).fetchone()
    return None if row is None else Given(orjson.loads(row[0]), tuple(json.loads(row[1])))


def _forget(connection: Connection, unit: str) -> int:
    gone = connection.execute("delete from ad_plays where unit = %s or device = %s", (unit, unit)).rowcount
    query = "delete from ad_breaks where position(%s in units) > 0"
    return gone + connection.execute(query, (json.dumps(unit),)).rowcount


def _prune(connection: Connection, before: int) -> int:
    gone = connection.execute("delete from ad_plays where at < %s", (before,)).rowcount
    return gone + connection.execute("delete from ad_breaks where at < %s", (before,)).rowcount
