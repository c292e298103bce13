"""Socket.IO ``/households``: a snapshot, then deltas in order, none lost and none twice, for many and for slow ones (HH-3)."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import socketio
import uvicorn

from serving import server
from serving.app import create_app
from serving.households import stream
from tests.serving.conftest import NOW, TOKEN, World
from tests.serving.households import a_city
from tests.serving.households.a_city import MS, append, join, sighting, step

pytestmark = pytest.mark.slow
SPACE = "/households"
CLIENTS = 40  # in CI; benchmarks/household_stream.py takes 200


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """A real server, as ``mediathek serve`` configures it."""
    a_city.write_city(world.settings.paths)
    listening = server.bind("127.0.0.1", 0)
    running = uvicorn.Server(server._config(create_app(world.settings, lambda: NOW, world.champions)))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    world.until(lambda: running.started)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    running.should_exit = True
    thread.join(20)
    listening.close()


class Watcher:
    """A client as others would write it: holds what it was told, and its place."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.live: list[bool] = []
        self.client.on("status", lambda data: self.live.append(data["is_live"]), namespace=SPACE)
        self.client.on("snapshot", lambda data: self.told.append(("snapshot", data)), namespace=SPACE)
        self.client.on("delta", lambda data: self.told.append(("delta", data)), namespace=SPACE)

    @property
    def seq(self) -> int:
        return int(self.told[-1][1]["seq"]) if self.told else -1

    def deltas(self) -> list[dict[str, Any]]:
        return [data for kind, data in self.told if kind == "delta"]

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.told]

    async def come(self, address: str, **auth: Any) -> None:
        await self.client.connect(address, auth={"token": TOKEN, **auth}, namespaces=[SPACE], wait_timeout=30)


@asynccontextmanager
async def watching(address: str, count: int = 1, **auth: Any) -> AsyncIterator[list[Watcher]]:
    watchers = [Watcher() for _ in range(count)]
    try:
        await asyncio.gather(*(watcher.come(address, **auth) for watcher in watchers))
        yield watchers
    finally:
        await asyncio.gather(*(watcher.client.disconnect() for watcher in watchers))
        await asyncio.sleep(0.05)


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]


def is_in_order(watcher: Watcher) -> bool:
    return all(
        later["previous"] == earlier["seq"]
        for (_, earlier), (_, later) in zip(watcher.told, watcher.told[1:], strict=False)
    )


def test_a_snapshot_comes_first_then_a_delta_for_every_step(world: World, address: str) -> None:
    async def watch() -> None:
        async with watching(address) as [watcher]:
            await until(lambda: watcher.kinds() == ["snapshot"])
            assert {node["kind"] for node in watcher.told[0][1]["nodes"]} == {
                "household",
                "device",
                "address",
                "content",
            }
            append(world.settings.paths, step(1, [join("phone", "c", "a")], [sighting("phone")]))
            append(world.settings.paths, step(2, [], [sighting("tv", MS + 1000)]))
            await until(lambda: len(watcher.deltas()) == 2)
            assert is_in_order(watcher)
            first = watcher.deltas()[0]
            assert first["changes"][0]["household_id"] == "hh-c"
            assert ["d_phone", MS, "film-1"] in first["events"]

    run(watch)


@pytest.mark.parametrize("auth", [{"token": "wrong"}, {"token": None}, {"token": 7}])
def test_without_the_token_nobody_watches(address: str, auth: dict[str, Any]) -> None:
    async def watch() -> None:
        watcher = Watcher()
        with pytest.raises(socketio.exceptions.ConnectionError):
            await watcher.client.connect(address, auth=auth, namespaces=[SPACE])
        await watcher.client.disconnect()
        assert watcher.told == []

    run(watch)


def test_who_comes_back_gets_what_was_missed_and_nothing_twice(world: World, address: str) -> None:
    async def watch() -> None:
        async with watching(address) as [keeper], watching(address) as [leaver]:
            await until(lambda: leaver.kinds() == keeper.kinds() == ["snapshot"])
            snapshot, place = leaver.told[0][1], leaver.seq
            await leaver.client.disconnect()
            append(world.settings.paths, *(step(seq, [], [sighting("tv", MS + seq)]) for seq in (1, 2, 3)))
            await until(lambda: len(keeper.deltas()) == 3)
            for auth in ({"epoch": snapshot["epoch"], "seq": place}, {"seq": place}):
                async with watching(address, **auth) as [back]:
                    await until(lambda back=back: len(back.told) == 3)  # type: ignore[misc]
                    assert back.kinds() == ["delta"] * 3
                    assert is_in_order(back)
            async with watching(address, epoch="another", seq=place) as [stranger]:
                await until(lambda: "snapshot" in stranger.kinds())
                await until(lambda: stranger.seq == keeper.seq)

    run(watch)


def test_many_watch_at_once_and_each_is_told_everything(world: World, address: str) -> None:
    async def watch() -> None:
        async with watching(address, CLIENTS) as watchers:
            await until(lambda: all(watcher.kinds()[:1] == ["snapshot"] for watcher in watchers), 60)
            for seq in range(1, 11):
                append(world.settings.paths, step(seq, [], [sighting("tv", MS + seq)]))
            await until(lambda: all(watcher.told[-1][1].get("feed_seq") == 10 for watcher in watchers), 60)
            assert all(is_in_order(watcher) for watcher in watchers)

    run(watch)


def test_a_slow_client_is_owed_nothing_but_its_place(
    world: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it takes nothing, nothing is queued for it; then it gets all it missed, in order."""
    slow: set[str] = set()
    waiting = stream.HouseholdStream._waiting
    monkeypatch.setattr(stream.HouseholdStream, "_waiting", lambda self, sid: 1 if sid in slow else waiting(self, sid))

    async def watch() -> None:
        async with watching(address, 2) as [quick, behind]:
            await until(lambda: quick.kinds() == behind.kinds() == ["snapshot"])
            slow.add(behind.client.get_sid(SPACE))
            append(world.settings.paths, *(step(seq, [], [sighting("tv", MS + seq)]) for seq in range(1, 7)))
            await until(lambda: len(quick.deltas()) == 6)
            assert behind.deltas() == []
            slow.clear()
            await until(lambda: len(behind.deltas()) == 6)
            assert is_in_order(behind)

    run(watch)


def test_everybody_is_told_whether_anything_is_live_and_whenever_that_changes(world: World, address: str) -> None:
    async def test() -> None:
        async with watching(address, 2) as watchers:
            await until(lambda: all(watcher.live for watcher in watchers))
            a_city.beat(world.settings.paths, is_alive=True)
            await until(lambda: all(len(watcher.live) > 1 for watcher in watchers))
            a_city.beat(world.settings.paths, is_alive=False)
            await until(lambda: all(len(watcher.live) > 2 for watcher in watchers))
            assert all(watcher.live == [False, True, False] for watcher in watchers)
            assert all(watcher.kinds() == ["snapshot"] for watcher in watchers), "beside the deltas, not among them"

    run(test)
