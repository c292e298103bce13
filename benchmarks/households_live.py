"""Claim: the live consumer takes at least 20,000 events a second and core from the lake to the feed (issue 4).

Measured is processor time of all threads over everything the consumer does: read the commits, observe, refresh, write
the durable feed, publish, and save a checkpoint at the end. The baseline of the same run reads the same commits and
joins, by union-find, whoever was ever seen at one address: the least that any clustering has to do. Each size runs in
a process of its own, so that its memory is its own. The cost curve goes by tens; the claim is about the largest size.
Commits that wait are clustered together and in at most a third of the time, as in real life. Its table is
households_live.md.

Run: ``python -m benchmarks.households_live [--events 100000] [--curve] [--commit 10000]``.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.claim import Claim, say

BAR = 20_000
BASELINE = "union-find on addresses over the same commits"
END = datetime(2026, 11, 24, tzinfo=UTC)
DAYS = 30
EVENTS_A_DEVICE = 60  # in a month: as many as the simulator makes


def make_lake(home: Path, events: int, commit_events: int) -> int:
    """Write a month of evenings at home, with visits and a carrier, in the order of time; returns devices."""
    from core.contracts.lake import EVENTS
    from core.paths import Paths

    paths, rng = Paths(home), np.random.default_rng(7)
    devices = max(20, events // EVENTS_A_DEVICE)
    homes = rng.integers(0, max(5, devices * 2 // 5), devices)
    who = rng.integers(0, devices, events)
    day = np.sort(rng.integers(0, DAYS, events))
    minute = np.where(rng.random(events) < 0.8, rng.normal(1230, 90, events), rng.uniform(0, 1440, events)) % 1440
    place = np.where(rng.random(events) < 0.05, rng.permutation(homes[who]), homes[who])
    carrier = (rng.random(events) < 0.1) & (who % 3 == 1)
    at_us = (day * 86_400 + minute * 60).astype(np.int64) * 1_000_000
    order = np.argsort(at_us, kind="stable")
    begin_us = int((END - timedelta(days=DAYS)).timestamp() * 1e6)
    keys = [f"d_{number:024x}" for number in range(devices)]
    paths.ledger.mkdir(parents=True)
    for number, first in enumerate(range(0, events, commit_events), start=1):
        rows = order[first : first + commit_events]
        addresses = [
            f"a_carrier{who[row] % 40:016x}{day[row]:02x}" if carrier[row] else f"a_{place[row]:020x}{day[row]:04x}"
            for row in rows.tolist()
        ]
        columns: dict[str, Any] = {name: pa.nulls(len(rows), EVENTS.field(name).type) for name in EVENTS.names}
        columns |= {
            "happened_at": pa.array(begin_us + at_us[rows], pa.timestamp("us")),
            "device_key": pa.array([keys[device] for device in who[rows].tolist()]),
            "address_key": pa.array(addresses),
            "is_mac_local": pa.array(np.zeros(len(rows), bool)),
            "device_class": pa.array(np.array(["tv", "smartphone", "tablet", "desktop"])[who[rows] % 4]),
            "content_id": pa.array([f"video-{row % 900}" for row in rows.tolist()]),
            "has_personalisation_consent": pa.array(np.ones(len(rows), bool)),
            "batch_id": pa.array(np.full(len(rows), number)),
        }
        as_of = datetime.fromtimestamp((begin_us + int(at_us[rows[-1]])) / 1e6, UTC)
        hour = paths.events / f"hour={as_of:%Y-%m-%dT%H}"
        hour.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns, schema=EVENTS), hour / f"{number:08d}_0.parquet", compression="zstd")
        entry = {"batch_id": number, "as_of": as_of.isoformat()}
        (paths.ledger / f"{number:012d}.json").write_text(json.dumps(entry))
    return devices


def ours(home: Path) -> None:
    """The live consumer, as ``mediathek households follow`` runs it, until it has caught up."""
    from core.settings import load
    from training.households import live

    settings = load({"MEDIATHEK_HOME": str(home), "MEDIATHEK_LIVE_HOUSEHOLDS__DOCUMENT_STORE": "none"})
    is_idle: list[float] = []
    live.follow(settings, lambda: END, lambda: bool(is_idle), is_idle.append)


def union_find(home: Path) -> None:
    """Whoever was ever seen at one address is one household."""
    from core.paths import Paths
    from training.households.tail import Tail

    tail, parent, first_at, number = Tail(Paths(home), lambda: END), dict[str, str](), dict[str, str](), 0

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    while (batch := tail.next(number)) is not None:
        number = batch.batch_id
        for device, address in zip(batch.device_keys, batch.address_keys, strict=True):
            parent.setdefault(device, device)
            one, other = root(device), root(first_at.setdefault(address, device))
            if one != other:
                parent[other] = one


def child(work: str, home: Path) -> None:
    """Import what is needed, note the memory, work; print processor seconds, seconds, and megabytes on top."""
    import training.households.live

    del training.households.live
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processor, wall = time.process_time(), time.perf_counter()
    {"ours": ours, "union-find": union_find}[work](home)
    spent = [time.process_time() - processor, time.perf_counter() - wall]
    print(json.dumps([*spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began) / 1024]))


def measured(work: str, home: Path) -> tuple[float, float, float]:
    command = [sys.executable, "-m", "benchmarks.households_live", "--child", work, "--home", str(home)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=dict(os.environ)).stdout
    seconds, wall, megabytes = json.loads(output.splitlines()[-1])
    return float(seconds), float(wall), float(megabytes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--commit", type=int, default=10_000, help="events a commit: half a second")
    parser.add_argument("--curve", action="store_true", help="10^4 up to --events by tens")
    parser.add_argument("--child", choices=("ours", "union-find"), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.home)
        return
    sizes = [given.events]
    while given.curve and sizes[0] > 10_000:
        sizes.insert(0, sizes[0] // 10)
    print("| | events | devices | CPU seconds | seconds | events a CPU second | MB for 1,000 devices |")
    print("|---|---|---|---|---|---|---|")
    rate = ratio = 0.0
    for events in sizes:
        with tempfile.TemporaryDirectory(prefix="households-live-") as folder:
            devices = make_lake(Path(folder), events, given.commit)
            found = {work: measured(work, Path(folder)) for work in ("union-find", "ours")}
        for work, (seconds, wall, megabytes) in found.items():
            rate, memory = events / seconds, megabytes / devices * 1000
            print(f"| {work} | {events:,} | {devices:,} | {seconds:.2f} | {wall:.2f} | {rate:,.0f} | {memory:.2f} |")
        rate, ratio = events / found["ours"][0], found["union-find"][0] / found["ours"][0]
    text = f"live households, {sizes[-1]:,} events: events a second and core"
    say(Claim(text, f"{rate:,.0f} ({ratio:.2f} of the baseline)", f">= {BAR:,}", rate >= BAR, BASELINE))


if __name__ == "__main__":
    main()
