"""Every store of caps keeps the same promises, each against the real thing (HH-11)."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.algorithms.ads.plays import Play
from core.errors import UserError
from serving.ad_decision.counters import Ask, Choice, Counters
from serving.ad_decision.postgres_counters import PostgresCounters
from serving.ad_decision.redis_counters import RedisCounters
from serving.ad_decision.sqlite_counters import SqliteCounters
from tests.serving.ad_decision.counter_servers import postgres_server, redis_server

pytestmark = pytest.mark.slow
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=2)
CAP = 3
Opened = Callable[[], Counters]


@contextmanager
def opener(kind: str, folder: Path) -> Iterator[Opened]:
    """Open the store as one worker after the other would."""
    if kind == "sqlite":
        yield lambda: SqliteCounters(folder / "counters.sqlite")
    elif kind == "redis":
        with redis_server() as address:
            yield lambda: RedisCounters(address)
    else:
        with postgres_server() as address:
            yield lambda: _when_ready(address)


def _when_ready(address: str) -> Counters:
    """The port is open a moment before PostgreSQL takes connections."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return PostgresCounters(address)
        except UserError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def ask(break_id: str, device: str, units: tuple[str, ...], start_by: datetime | None = None) -> Ask:
    """A break that takes one spot of a campaign with a cap."""

    def choose(plays: list[Play]) -> Choice:
        known = {play.play_id for play in plays if play.state != "released"}
        if len(known) >= CAP:
            return Choice({"spots": [], "day": "2026-05-01", "device_class": "tv"}, ())
        play = Play(f"p-{break_id}", "a", "film", "c", NOW, break_id, 0, "reserved", start_by, device, "tv", "v")
        spot = {"slot": 0, "play_id": play.play_id, "campaign_id": "c"}
        return Choice({"spots": [spot], "day": "2026-05-01", "device_class": "tv"}, (play,))

    return Ask(break_id, "f", NOW, units, (device,), LONG_AGO, "2026-05-01", choose)


@pytest.mark.parametrize("kind", ["sqlite", "redis", "postgresql"])
def test_a_store_of_caps_keeps_its_promises(kind: str, tmp_path: Path) -> None:
    with opener(kind, tmp_path) as opened:
        one, two = opened(), opened()
        _holds_caps_under_concurrency(one, two)
        _takes_tracking_once(one, two)
        _takes_what_was_heard(one)
        _forgets(one, two)
        one.close()
        two.close()
        third = opened()
        assert third.totals().result(60)[("c", "tv")] > 0  # still there after all have left
        third.close()


def _holds_caps_under_concurrency(one: Counters, two: Counters) -> None:
    """64 breaks at once on both workers, each asked twice: three spots, and the same answers."""
    units = ("d1", "d2")
    asked = [ask(f"b{number}", units[number % 2], units) for number in range(64)]
    with ThreadPoolExecutor(32) as pool:
        both = list(pool.map(lambda each: [worker.decide(each).result(120).answer for worker in (one, two)], asked))
    assert all(first == second for first, second in both)
    assert sum(len(first["spots"]) for first, _ in both) == CAP
    assert len(one.plays(units, LONG_AGO).result(60)) == CAP
    assert two.placed_by_day().result(60) == {("2026-05-01", "c", "tv"): CAP}


def _takes_tracking_once(one: Counters, two: Counters) -> None:
    one.decide(ask("t1", "d5", ("d5",), NOW + timedelta(minutes=30))).result(60)
    later = NOW + timedelta(seconds=9)
    assert two.settle("t1", "f", 0, "impression", later).result(60) is not None
    assert one.settle("t1", "f", 0, "impression", later).result(60) is None
    assert one.settle("t1", "f", 0, "error", later).result(60) is not None  # too late to give it back
    (play,) = two.plays(["d5"], LONG_AGO).result(60)
    assert (play.state, play.at, play.start_by) == ("played", later, None)
    one.decide(ask("t2", "d6", ("d6",))).result(60)
    before = two.totals().result(60)[("c", "tv")]
    assert one.settle("t2", "f", 0, "error", later).result(60) is not None
    assert [play.state for play in two.plays(["d6"], LONG_AGO).result(60)] == ["released"]
    assert two.totals().result(60)[("c", "tv")] == before - 1
    assert one.settle("nobody", "f", 0, "error", later).result(60) is None


def _takes_what_was_heard(counters: Counters) -> None:
    """Once each; what was reserved for the same break becomes played."""
    counters.decide(ask("h1", "d7", ("d7",))).result(60)
    heard = Play("event:1", "a", "a", None, NOW, "h1", 0, "played", None, "d7", "tv", "v")
    linear = Play("event:2", "x", "x", None, NOW, "linear", 0, "played", None, "d7", "tv", "v")
    assert counters.note([("d7", heard), ("d7", linear)]).result(60) == 2
    assert counters.note([("d7", heard), ("d7", linear)]).result(60) == 0
    states = Counter(play.state for play in counters.plays(["d7"], LONG_AGO).result(60))
    assert states == {"played": 2}


def _forgets(one: Counters, two: Counters) -> None:
    """PRV-3"""
    assert one.forget("d7").result(60) == 3
    assert two.plays(["d7"], LONG_AGO).result(60) == []
    assert two.given("h1", "f").result(60) is None
    assert len(two.plays(["d5"], LONG_AGO).result(60)) == 1


def test_a_redis_that_may_lose_what_it_acknowledged_is_refused() -> None:
    with redis_server(fsync="everysec") as address, pytest.raises(UserError, match="appendfsync always"):
        RedisCounters(address)


def test_a_server_that_does_not_answer_is_a_mistake_of_the_settings() -> None:
    for store, address in ((RedisCounters, "redis://127.0.0.1:1/0"), (PostgresCounters, "postgresql://127.0.0.1:1/x")):
        with pytest.raises(UserError, match=r"ad_decision\.counters"):
            store(address)
