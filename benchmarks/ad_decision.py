"""Claim: p99 under 10 ms at 200 ad decisions a second on one core, with durable counters (HH-11).

The ad route runs in a process of its own that is held to one core: 500 campaigns, 1 million households of two devices,
SQLite with an fsync before every answer leaves. Baseline in the same run: the same route without caps and without
durability. Requests are sent at fixed instants and counted from when they were due; rounds alternate.

Run: ``python -m benchmarks.ad_decision [--households 1000000] [--campaigns 500] [--seconds 15] [--curves] [--table]``.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import ad_decision_home
from benchmarks.claim import Claim, say
from benchmarks.http_load import load_at, percentiles
from benchmarks.loopback import free_port, wait_for

RATE = 200.0
LIMIT_MS = 10
ROUNDS = 3
TOKEN = "benchmark"  # noqa: S105 - of a server on loopback that ends with this run
TABLE = Path(__file__).with_suffix(".md")
CURVES = ((500, 1_000_000), (500, 100_000), (500, 10_000), (50, 100_000), (2000, 100_000))
Figures = dict[str, dict[str, float]]
_WARM_UP_SECONDS = 6.0
"""Until the counters' log has its length."""
_HEADERS = f"authorization: Bearer {TOKEN}\r\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--campaigns", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each round")
    parser.add_argument("--curves", action="store_true", help="over campaigns and households")
    parser.add_argument("--table", action="store_true", help="write the table beside this file")
    given = parser.parse_args()
    sizes = CURVES if given.curves else ((given.campaigns, given.households),)
    found = {}
    for campaigns, households in sizes:
        with tempfile.TemporaryDirectory() as home:
            ad_decision_home.make(Path(home), campaigns, households)
            found[campaigns, households] = measure(home, households, given.seconds)
            found[campaigns, households]["fsync"] = percentiles(bare_fsyncs(Path(home)))
        print(campaigns, households, json.dumps(found[campaigns, households]), flush=True)
    if given.table:
        write_table(found, given.seconds)
    first = found[sizes[0]]
    ours, bare = first["caps"]["p99_ms"], first["bare"]["p99_ms"]
    text = f"Ad decisions: p99 at {RATE:.0f} a second, {sizes[0][0]} campaigns, {sizes[0][1]:,} households, one core"
    disk = first["fsync"]["p99_ms"]
    figure = f"{ours:.1f} ms ({ours / bare:.1f} times the baseline; a bare fsync {disk:.1f} ms)"
    say(Claim(text, figure, f"< {LIMIT_MS} ms", ours < LIMIT_MS, "no caps, nothing kept, same run"))


def measure(home: str, households: int, seconds: float) -> Figures:
    """Both servers up, each on the same core, rounds in turn; this process sends from another core."""
    environment = dict(os.environ) | {"MEDIATHEK_HOME": home, "MEDIATHEK_TOKEN": TOKEN}
    cores = sorted(os.sched_getaffinity(0))
    ports = {"bare": free_port(), "caps": free_port()}
    servers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ad_decision_server", str(port), str(cores[0]), *flags], env=environment
        )
        for port, flags in ((ports["bare"], ["--bare"]), (ports["caps"], []))
    ]
    try:
        for port in ports.values():
            wait_for(f"http://127.0.0.1:{port}/openapi.json")
        latencies: dict[str, list[float]] = {name: [] for name in ports}
        asked = ad_decision_home.bodies(households, int(RATE * (seconds * ROUNDS + 5)))
        for number in range(ROUNDS + 1):
            for name, port in ports.items():
                part = asked[int(RATE * seconds * number) :] or asked
                took = load_at(port, part, RATE, seconds if number else _WARM_UP_SECONDS, "/api/v1/ad-break", _HEADERS)
                latencies[name] += asyncio.run(took) if number else asyncio.run(took)[:0]  # the first warms up
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(15)
    return {name: percentiles(values) for name, values in latencies.items()}


def bare_fsyncs(folder: Path, count: int = 1000) -> list[float]:
    """What the disk itself takes, milliseconds: 8 KB written in place and made durable, ``RATE`` times a second."""
    took = []
    with (folder / "fsync").open("wb") as file:
        file.write(bytes(8192 * 64))
        os.fsync(file.fileno())
        for number in range(count):
            began = time.perf_counter()
            os.pwrite(file.fileno(), b"x" * 8192, 8192 * (number % 64))
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(1 / RATE)
    return took


def write_table(found: dict[tuple[int, int], Figures], seconds: float) -> None:
    """Write the figures of this run, and what machine it was."""
    lines = [
        "# Ad decisions: latency",
        "",
        f"{RATE:.0f} decisions a second for {ROUNDS} x {seconds:.0f} s each, one process on one core; SQLite, an fsync",
        f"before answers leave. {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f};",
        "synthetic data. Milliseconds from the instant a request was due. Baseline: no caps, nothing kept, same run.",
        "",
        (
            "| campaigns | households | p50 | p95 | p99 | max | baseline p50 | baseline p99 | p99 ratio "
            "| bare fsync p50 | p99 |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (campaigns, households), figures in found.items():
        ours, bare = figures["caps"], figures["bare"]
        lines.append(
            f"| {campaigns} | {households:,} | {ours['p50_ms']:.2f} | {ours['p95_ms']:.2f} | {ours['p99_ms']:.2f} "
            f"| {ours['max_ms']:.1f} | {bare['p50_ms']:.2f} | {bare['p99_ms']:.2f} "
            f"| {ours['p99_ms'] / bare['p99_ms']:.1f} "
            f"| {figures['fsync']['p50_ms']:.2f} | {figures['fsync']['p99_ms']:.2f} |"
        )
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
