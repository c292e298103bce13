"""Caps in Redis, for workers on several machines: read under WATCH, written in one EXEC, again if somebody was faster.

Only where the server keeps what it says: ``appendonly yes`` and ``appendfsync always``, else an answer could leave and
its reservation be lost.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import redis

from core.algorithms.ads.plays import Play
from core.errors import UserError
from serving.ad_decision.counters import Answered, Ask, CountedPlay, CountersError, Given, PlacedByDay, Totals
from serving.ad_decision.play_rows import micros, play_of, row_of

_THREADS = 8
_KEPT = timedelta(days=3)
_PLACED = "ads:placed"
_MUST_BE = {"appendonly": "yes", "appendfsync": "always"}
Pipe = Any


class RedisCounters:
    """``Counters`` behind an address like ``redis://host:6379/0``. Rows leave by themselves after three days."""

    def __init__(self, address: str) -> None:
        """Connect and look at how durable the server is.

        Raises:
            UserError: it cannot be reached, or may lose what it has acknowledged.
        """
        self._redis: Any = redis.Redis.from_url(address, socket_connect_timeout=10)
        self._pool = ThreadPoolExecutor(_THREADS, "ad counters")
        try:
            for name, wanted in _MUST_BE.items():
                found = self._redis.config_get(name).get(name)
                if found != wanted:
                    raise UserError(f"ad_decision.counters: Redis must run with {name} {wanted}, not {found}")
        except redis.RedisError as error:
            raise UserError(f"ad_decision.counters: Redis does not answer ({error}); check it") from None

    def decide(self, ask: Ask) -> "Future[Answered]":
        return self._submit(lambda: self._decide(ask))

    def note(self, plays: Sequence[tuple[str, Play]]) -> "Future[int]":
        return self._submit(lambda: sum(self._note(unit, play) for unit, play in plays))

    def settle(self, break_id: str, fingerprint: str, slot: int, event: str, at: datetime) -> "Future[Given | None]":
        return self._submit(lambda: self._settle(_break(break_id, fingerprint), slot, event, at))

    def plays(self, units: Sequence[str], since: datetime) -> "Future[list[Play]]":
        return self._submit(lambda: _read(self._redis, units, since))

    def given(self, break_id: str, fingerprint: str) -> "Future[Given | None]":
        return self._submit(lambda: _given(self._redis.get(_break(break_id, fingerprint))))

    def breaks(self, since: datetime, until: datetime, most: int) -> "Future[list[dict[str, Any]]]":
        return self._submit(lambda: self._breaks(since, until)[:most])

    def counted(self) -> "Future[list[CountedPlay]]":
        return self._submit(self._counted)

    def totals(self) -> "Future[Totals]":
        return self._submit(self._totals)

    def placed_by_day(self) -> "Future[PlacedByDay]":
        return self._submit(self._placed)

    def forget(self, unit: str) -> "Future[int]":
        return self._submit(lambda: self._forget(unit))

    def prune(self, before: datetime) -> "Future[int]":
        """Nothing to do: every key has its end."""
        return self._submit(lambda: 0)

    def close(self) -> None:
        self._pool.shutdown()
        self._redis.close()

    def _submit(self, job: Callable[[], Any]) -> "Future[Any]":
        return self._pool.submit(_translated, job)

    def _transaction(self, keys: Sequence[str], job: Callable[[Pipe], Any]) -> Any:
        """Run ``job`` on a pipeline that watches keys, until nobody changed them meanwhile."""
        while True:
            with self._redis.pipeline() as pipe:
                try:
                    pipe.watch(*keys)
                    result = job(pipe)
                    pipe.execute()
                    return result
                except redis.WatchError:
                    continue

    def _decide(self, ask: Ask) -> Answered:
        key = _break(ask.break_id, ask.fingerprint)

        def job(pipe: Pipe) -> Answered:
            known = _given(pipe.get(key))
            if known is not None:
                pipe.multi()
                return Answered(known.answer, (), False)
            choice = ask.choose(_read(pipe, ask.units, ask.since))
            pipe.multi()
            for unit in ask.booked_under:
                for play in choice.plays:
                    _put(pipe, unit, play)
            pipe.set(key, orjson.dumps({"answer": choice.answer, "units": ask.booked_under, "told": []}), ex=_KEPT)
            for play in choice.plays:
                pipe.hincrby(_PLACED, _counted(ask.day, play.campaign_id, play.device_class), 1)
            return Answered(choice.answer, choice.plays, True)

        answered: Answered = self._transaction([key, *map(_unit, ask.units)], job)
        return answered

    def _note(self, unit: str, play: Play) -> int:
        def job(pipe: Pipe) -> int:
            known = _of_break(_all(pipe, unit), play)
            pipe.multi()
            if known is not None and known.state == "played":
                return 0
            kept = play if known is None else replace(known, state="played", at=play.at, start_by=None)
            _put(pipe, unit, kept)
            return 1

        news: int = self._transaction([_unit(unit)], job)
        return news

    def _settle(self, key: str, slot: int, event: str, at: datetime) -> Given | None:
        def job(pipe: Pipe) -> Given | None:
            raw = pipe.get(key)
            given = _given(raw)
            kept = orjson.loads(raw) if raw else {"told": [f"{slot}:{event}"]}
            if given is None or f"{slot}:{event}" in kept["told"]:
                pipe.multi()
                return None
            spot = next((each for each in given.answer["spots"] if each["slot"] == slot), None)
            found = _reserved(pipe, given, spot["play_id"]) if spot and event in ("impression", "error") else []
            pipe.multi()
            kept["told"].append(f"{slot}:{event}")
            pipe.set(key, orjson.dumps(kept), keepttl=True)
            for unit, play in found:
                is_played = event == "impression"
                state = {"state": "played", "at": at} if is_played else {"state": "released"}
                _put(pipe, unit, replace(play, start_by=None, **state))  # type: ignore[arg-type]
            if found and spot and event == "error":
                answer = given.answer
                pipe.hincrby(_PLACED, _counted(answer["day"], spot["campaign_id"], answer["device_class"]), -1)
            return given

        first = _given(self._redis.get(key))
        watched = [key, *(map(_unit, first.units) if first else ())]
        told: Given | None = self._transaction(watched, job)
        return told

    def _breaks(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        kept = (_given(self._redis.get(key)) for key in self._redis.scan_iter("ads:break:*", count=1000))
        found = {(each.answer["break_id"], each.answer["fingerprint"]): each.answer for each in kept if each}
        timed = [(datetime.fromisoformat(answer["at"]), answer) for answer in found.values()]
        ours = [(at, answer) for at, answer in timed if since <= at <= until]
        return [answer for _, answer in sorted(ours, key=lambda each: each[0], reverse=True)]

    def _counted(self) -> list[CountedPlay]:
        here = {key.decode().split(":", 3)[3] for key in self._redis.scan_iter("ads:break:*", count=1000)}
        found: set[CountedPlay] = set()
        for key in self._redis.scan_iter("ads:plays:*", count=1000):
            for play in _all(self._redis, key.decode().removeprefix("ads:plays:")):
                is_here = play.break_id in here
                row = (play.spot_id, play.campaign_id, play.break_id, micros(play.at), play.state, is_here)
                found.add(row)
        return sorted(found, key=lambda row: (row[3], row[2] or "", row[0]))

    def _placed(self) -> PlacedByDay:
        found = self._redis.hgetall(_PLACED)
        return {tuple(orjson.loads(name)): int(number) for name, number in found.items()}

    def _totals(self) -> Totals:
        totals: dict[tuple[str, str], int] = {}
        for (_, campaign_id, device_class), number in self._placed().items():
            totals[campaign_id, device_class] = totals.get((campaign_id, device_class), 0) + number
        return totals

    def _forget(self, unit: str) -> int:
        gone = self._redis.hlen(_unit(unit))
        self._redis.delete(_unit(unit))
        for key in self._redis.scan_iter("ads:break:*", count=1000):
            given = _given(self._redis.get(key))
            if given is not None and unit in given.units:
                gone += self._redis.delete(key)
        return int(gone)


def _translated(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except redis.RedisError as error:
        raise CountersError(f"Redis: {error}") from None


def _unit(unit: str) -> str:
    return f"ads:plays:{unit}"


def _break(break_id: str, fingerprint: str) -> str:
    return f"ads:break:{fingerprint}:{break_id}"


def _counted(day: str, campaign_id: str | None, device_class: str | None) -> bytes:
    return orjson.dumps([day, campaign_id, device_class])


def _put(pipe: Pipe, unit: str, play: Play) -> None:
    pipe.hset(_unit(unit), play.play_id, orjson.dumps(row_of(play)))
    pipe.expire(_unit(unit), _KEPT)


def _all(source: Any, unit: str) -> list[Play]:
    return [play_of(tuple(orjson.loads(row))) for row in source.hvals(_unit(unit))]


def _read(source: Any, units: Sequence[str], since: datetime) -> list[Play]:
    return [play for unit in units for play in _all(source, unit) if play.at >= since]


def _of_break(plays: Sequence[Play], heard: Play) -> Play | None:
    alike = (play for play in plays if heard.spot_id == play.spot_id or heard.creative == play.creative)
    return next((play for play in alike if play.break_id == heard.break_id), None)


def _reserved(source: Any, given: Given, play_id: str) -> list[tuple[str, Play]]:
    found = [(unit, play) for unit in given.units for play in _all(source, unit)]
    return [(unit, play) for unit, play in found if play.play_id == play_id and play.state == "reserved"]


def _given(raw: bytes | None) -> Given | None:
    if raw is None:
        return None
    kept = orjson.loads(raw)
    return Given(kept["answer"], tuple(kept["units"]))
