"""Claim: 200 clients are told of an event within a second, and POST /next-video does not wait for them (HH-3, HH-1).

A real ``mediathek serve`` with a city of 10,000 nodes and a registered model. 200 clients (python-socketio, in one
process, which therefore reads no more of a snapshot than its number) watch ``/households`` while the feed tells four
steps a second and the assignments are written anew every three seconds; the delay runs from the moment before a step
is appended to the moment at which a client has its delta. Baseline: one client alone, in the same run. Next-Video is
asked at fixed instants with nobody watching (baseline) and with all of them.

Run: ``python -m benchmarks.household_stream [--clients 200] [--seconds 15] [--table]``.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson
import psutil

from benchmarks import next_video_latency
from benchmarks.claim import Claim, say
from benchmarks.household_city import City
from benchmarks.household_graph import TOKEN
from benchmarks.http_load import load_at
from benchmarks.loopback import free_port, wait_for
from core.paths import Paths
from core.settings import child_environment, load

BAR_SECONDS = 1.0
BAR_RATIO = 2
RATE = 50.0
TABLE = Path(__file__).with_suffix(".md")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--households", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each measurement")
    parser.add_argument("--table", action="store_true", help="write the table beside this file")
    parser.add_argument("--watch", help="used by itself: watch this address")
    parser.add_argument("--feed", type=Path, help="used by itself: tell of this home")
    parser.add_argument("--server", type=int, help="used by itself: the process to measure")
    options = parser.parse_args()
    if options.feed:
        feed(options.feed, options.households)
    if options.watch:
        print(json.dumps(asyncio.run(watch(options.watch, options.server, options.clients, options.seconds))))
        return
    with tempfile.TemporaryDirectory() as home:
        settings = load({"MEDIATHEK_HOME": home, "MEDIATHEK_TOKEN": TOKEN})
        next_video_latency.prepare(settings)
        City(settings.paths, options.households).write()
        figures = measure(settings, options.households, options.clients, options.seconds)
    print(json.dumps(figures, indent=1))
    if options.table:
        write_table(figures, options.clients)
    many, one = figures["many"], figures["one"]
    ratio = many["p99_s"] / one["p99_s"]
    figure = f"{many['p99_s']:.2f} s ({ratio:.1f} times the baseline), {many['lost']} lost"
    is_met = many["p99_s"] < BAR_SECONDS and not many["lost"]
    say(
        Claim(
            f"Households: p99 from feed to {options.clients} clients",
            figure,
            "< 1 s, 0 lost",
            is_met,
            "one client alone",
        )
    )
    watched, alone = figures["next_video_watched"]["p99_ms"], figures["next_video_alone"]["p99_ms"]
    text, figure = "Next-Video: p99 while they watch", f"{watched:.1f} ms ({watched / alone:.1f} times the baseline)"
    say(Claim(text, figure, f"< {BAR_RATIO} times", watched < BAR_RATIO * alone, "nobody watching, same server"))


def measure(settings: Any, households: int, clients: int, seconds: float) -> dict[str, Any]:
    """One server; the feed tells steps all the time."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {**child_environment(settings), "MEDIATHEK_TOKEN": TOKEN}
    command = [sys.executable, "-m", "mediathek", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    feed = [sys.executable, "-m", __spec__.name, "--feed", str(settings.home), "--households", str(households)]
    feeding = None
    try:
        wait_for(f"{address}/readyz")
        feeding = subprocess.Popen(feed)  # a process of its own: publishing would hold up the one that measures
        bodies = next_video_latency.requests()
        asyncio.run(load_at(port, bodies, RATE, 2.0))
        alone = asyncio.run(load_at(port, bodies, RATE, seconds))
        one, _ = _watched(address, server.pid, 1, seconds, lambda: None)
        ask = lambda: asyncio.run(load_at(port, bodies, RATE, seconds))  # noqa: E731
        many, watched = _watched(address, server.pid, clients, seconds, ask)
    finally:
        for process in (feeding, server):
            if process is not None:
                process.terminate()
                process.wait(20)
    asked = {"next_video_alone": alone, "next_video_watched": watched}
    return {"one": one, "many": many} | {name: _percentiles(values) for name, values in asked.items()}


def feed(home: Path, households: int) -> None:
    """Steps all the time, and the assignments every twelfth step."""
    city = City(Paths(home), households)
    number = 0
    while True:
        time.sleep(0.25)
        city.happen(40)
        number += 1
        if number % 12 == 0:
            city.publish()


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50_ms": ordered[len(ordered) // 2], "p99_ms": ordered[int(0.99 * len(ordered))]}


def _watched(address: str, process: int, clients: int, seconds: float, ask: Any) -> tuple[dict[str, Any], Any]:
    """What clients in a process of their own saw; ``ask`` begins once they have caught up."""
    options = ["--watch", address, "--server", str(process), "--clients", str(clients), "--seconds", str(seconds)]
    watching = subprocess.Popen([sys.executable, "-m", __spec__.name, *options], stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    watching.stdout.readline()  # they have caught up
    found = ask()
    output, _ = watching.communicate()
    return json.loads(output), found


async def watch(address: str, server_process: int, count: int, seconds: float) -> dict[str, Any]:
    """All clients in one process: the delay of every delta, and whether one was missing or came twice."""
    import socketio

    delays: list[float] = []
    places: dict[int, int] = {}
    lost = 0
    began, snapshots, counted_from = time.time(), [], float("inf")

    def listen(number: int, client: Any) -> None:
        def on_snapshot(data: dict[str, Any]) -> None:
            places[number] = data["seq"]
            snapshots.append(time.time() - began)

        def on_delta(data: dict[str, Any]) -> None:
            nonlocal lost
            lost += data["previous"] != places[number]
            places[number] = data["seq"]
            if data.get("at") and (happened := _epoch(data["at"])) >= counted_from:
                delays.append(time.time() - happened)

        client.on("snapshot", on_snapshot, namespace="/households")
        client.on("delta", on_delta, namespace="/households")

    clients = [socketio.AsyncClient(reconnection=False, json=_Hasty) for _ in range(count)]
    for number, client in enumerate(clients):
        listen(number, client)
    connecting = [
        client.connect(address, auth={"token": TOKEN}, namespaces=["/households"], wait_timeout=60)
        for client in clients
    ]
    await asyncio.gather(*connecting)
    while len(places) < count or max(places.values()) - min(places.values()) > 1:
        await asyncio.sleep(0.05)
    caught_up = time.time() - began
    print("caught up", flush=True)
    used = psutil.Process(server_process).cpu_times()
    counted_from = time.time()
    await asyncio.sleep(seconds)
    spent = psutil.Process(server_process).cpu_times()
    cpu = (spent.user + spent.system - used.user - used.system) / (time.time() - counted_from)
    last = set(places.values())
    await asyncio.gather(*(client.disconnect() for client in clients))
    delays.sort()
    spread = max(last) - min(last)
    figures = {"p50_s": delays[len(delays) // 2], "p99_s": delays[int(0.99 * len(delays))], "deltas": len(delays)}
    times = {"snapshot_after_s": max(snapshots), "caught_up_after_s": caught_up, "server_cores": round(cpu, 2)}
    return figures | {"lost": lost, "spread": spread} | times


class _Hasty:
    """JSON for 200 clients on one core: of a snapshot, only its number."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        if text.startswith('["snapshot"'):
            return ["snapshot", {"seq": int(re.search(r'"seq":(\d+)', text[:200])[1])}]  # type: ignore[index]
        return orjson.loads(text)


def _epoch(at: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(at).timestamp()


def write_table(figures: dict[str, Any], clients: int) -> None:
    lines = ["| | median | 99th percentile | ratio |", "|---|---|---|---|"]
    one = figures["one"]["p99_s"]
    for name, key in (("one client (baseline)", "one"), (f"{clients} clients", "many")):
        each = figures[key]
        lines.append(
            f"| {name}, feed to delta | {each['p50_s']:.2f} s | {each['p99_s']:.2f} s | {each['p99_s'] / one:.1f} |"
        )
    alone = figures["next_video_alone"]["p99_ms"]
    for name, key in (
        ("nobody watching (baseline)", "next_video_alone"),
        (f"{clients} watching", "next_video_watched"),
    ):
        each = figures[key]
        cells = f"{each['p50_ms']:.1f} ms | {each['p99_ms']:.1f} ms | {each['p99_ms'] / alone:.1f}"
        lines.append(f"| POST /next-video, {name} | {cells} |")
    many = figures["many"]
    lines.append("")
    lines.append(
        f"{many['deltas']:,} deltas told, {many['lost']} lost or told twice; all {clients} had their snapshot after "
        f"{many['snapshot_after_s']:.1f} s. {os.cpu_count()} cores shared by server, clients and feed; load "
        f"average at the end {os.getloadavg()[0]:.1f}."
    )
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
