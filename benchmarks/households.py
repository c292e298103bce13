"""Claim: 10 million events become households in under 3 minutes, and pairs of devices are told right (HH-1, HH-2).

A lake of synthetic events (a town whose addresses change hands at night) is clustered as the pipeline does it: DuckDB
puts sightings together, the algorithm clusters them, the artefacts are written. The cost curve shows smaller lakes;
memory is what the process takes on top, by 1,000 devices. Baseline in the same run: union-find on addresses over the
same rows, which is the fastest thing that can be done and joins whole towns. With ``--accuracy`` the simulator's hard
setting is scored as ``mediathek households evaluate`` does, the simple methods beside it.

Run: ``python -m benchmarks.households [--events N] [--curve] [--accuracy SEED ...]``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.claim import Claim, say
from core.contracts.lake import EVENTS
from core.settings import Settings, load

FIRST_DAY = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 30
EVENTS_A_DEVICE_DAY = 6.0
CLASSES = np.array(["tv", "smartphone", "tablet", "desktop"])
BAR_SECONDS, BAR_EVENTS = 180, 10_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--curve", action="store_true", help="smaller lakes too")
    parser.add_argument("--accuracy", type=int, nargs="*", default=[], help="seeds of the simulator's hard setting")
    parser.add_argument("--households", type=int, default=1000, help="for --accuracy")
    options = parser.parse_args()
    sizes = [10**power for power in range(4, 8) if 10**power < options.events] if options.curve else []
    for events in (*sizes, options.events):
        figures = measured(events)
        print(json.dumps(figures))
    for seed in options.accuracy:
        print(json.dumps({"seed": seed, **scored(seed, options.households)}))
    ratio = figures["seconds"] / max(figures["union_find_seconds"], 1e-9)
    speed = f"{figures['seconds']:.1f} s, {figures['events_per_second']:,} events/s"
    limit = BAR_SECONDS * max(figures["events"] / BAR_EVENTS, 0.1)
    say(
        Claim(
            text=f"{figures['events']:,} events become households in a batch",
            figure=f"{speed}, {ratio:.1f} times union-find",
            bar=f"<= {limit:.0f} s (10 million in 3 minutes)",
            is_met=bool(figures["seconds"] <= limit),
            baseline=f"union-find on addresses over the same rows, {figures['union_find_seconds']:.1f} s",
        )
    )


def measured(events: int) -> dict[str, Any]:
    """Cluster a lake of about so many events, in a process of its own, and return what it took."""
    with tempfile.TemporaryDirectory() as home:
        settings = load({"MEDIATHEK_HOME": home})
        count = write_lake(settings, events)
        code = "import sys; from benchmarks.households import cluster_here; cluster_here(sys.argv[1])"
        done = subprocess.run([sys.executable, "-c", code, home], capture_output=True, text=True, check=True)
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"events": count, **figures, "events_per_second": round(count / figures["seconds"])}


def cluster_here(home: str) -> None:
    """Measure in this process: what it holds before and at most, and the baseline after it."""
    from training.households.run import cluster

    settings = load({"MEDIATHEK_HOME": home})
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    report = cluster(settings, FIRST_DAY + timedelta(days=DAYS))
    seconds = time.perf_counter() - began
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    began = time.perf_counter()
    union_find(settings)
    figures = {
        "devices": report.devices, "households": report.households, "sightings": report.sightings,
        "seconds": round(seconds, 2), "union_find_seconds": round(time.perf_counter() - began, 2),
        "megabytes_per_1000_devices": round((peak - before) / 1e6 / max(report.devices / 1000, 1e-9), 2),
    }  # fmt: skip
    print(json.dumps(figures))


def union_find(settings: Settings) -> int:
    """Join all that ever shared an address: the simplest method there is; returns how many are left."""
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for file in sorted(settings.paths.events.glob("*/*.parquet")):
        rows = pq.ParquetFile(file).read(["device_key", "address_key"])
        for device, address in zip(rows["device_key"].to_pylist(), rows["address_key"].to_pylist(), strict=True):
            parent[root(device)] = root(address)
    return len({root(item) for item in parent})


def write_lake(settings: Settings, events: int) -> int:
    """Write a town of three devices a household; each night a tenth of the addresses change hands."""
    random = np.random.default_rng(1)
    devices = max(12, round(events / EVENTS_A_DEVICE_DAY / DAYS))
    household = np.arange(devices) // 3
    address_of = random.permutation(household.max() + 1)
    total = 0
    for day in range(DAYS):
        moved = np.flatnonzero(random.random(len(address_of)) < 0.1)
        address_of[moved] = random.permutation(address_of[moved])
        count = events // DAYS
        device = np.sort(random.integers(0, devices, count))
        hour = random.choice([7, 12, 17, 18, 19, 20, 21], count)
        at = FIRST_DAY.timestamp() + day * 86_400 + hour * 3600 + random.integers(0, 3600, count)
        is_out = (device % 3 == 1) & (random.random(count) < 0.2)
        address = np.where(is_out, -1 - device % 50, address_of[household[device]])
        _write(settings.paths.events / f"hour={FIRST_DAY + timedelta(days=day):%Y-%m-%dT00}", day, device, address, at)
        total += count
    settings.paths.ledger.mkdir(parents=True)
    (settings.paths.ledger / "000000000001.json").write_text("{}")
    return total


def _write(folder: Path, day: int, device: Any, address: Any, at: Any) -> None:
    folder.mkdir(parents=True)
    count = len(device)
    columns: dict[str, Any] = {
        "happened_at": pa.array((at * 1e6).astype("datetime64[us]")),
        "device_key": pa.array(np.char.add("d_", np.char.zfill(device.astype(str), 24))),
        "address_key": pa.array(np.char.add(f"a_{day:04d}", np.char.zfill(address.astype(str), 20))),
        "is_mac_local": pa.array(np.zeros(count, np.bool_)),
        "device_class": pa.array(CLASSES[device % 3]),
        "has_personalisation_consent": pa.array(np.ones(count, np.bool_)),
        "batch_id": pa.array(np.ones(count, np.int64)),
    }
    arrays = [columns.get(field.name, pa.nulls(count, field.type)).cast(field.type) for field in EVENTS]
    pq.write_table(pa.Table.from_arrays(arrays, schema=EVENTS), folder / "00000001_0.parquet")


def scored(seed: int, households: int) -> dict[str, Any]:
    """Return what ``mediathek households evaluate`` says of the simulator's hard setting."""
    as_of = "2026-11-24T00:00:00Z"
    with tempfile.TemporaryDirectory() as folder:
        run = [sys.executable, "-m", "mediathek"]
        hard = ["--hard", "--households", str(households), "--seed", str(seed), "--as-of", as_of]
        subprocess.run([*run, "simulate", "--out", folder, *hard], check=True, capture_output=True)
        of = ["--source", f"{folder}/landing", "--truth", f"{folder}/truth", "--as-of", as_of, "--json"]
        environment = {"MEDIATHEK_HOME": f"{folder}/home", "PATH": "/usr/bin:/bin"}
        done = subprocess.run([*run, "households", "evaluate", *of], check=True, capture_output=True, env=environment)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
