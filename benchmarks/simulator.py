"""LOG-3: 1 million simulated events in under a minute on one core, and how that compares with merely serialising them.

Baseline: ``orjson.dumps`` of the same events as ready dicts, in memory.
Run: ``python -m benchmarks.simulator [--events 1000000] [--table]``; ``--table`` writes ``simulator.md`` beside it.
"""

import argparse
import gzip
import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson

from benchmarks.claim import Claim, say
from ingestion.simulate.run import Run
from ingestion.simulate.scenario import EVENTS_PER_HOUSEHOLD_DAY, Scenario

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)


def _simulate(out: Path, events: int) -> tuple[int, float, float]:
    """Return (events, CPU seconds, seconds on the clock) of a month."""
    households = round(events / (30 * EVENTS_PER_HOUSEHOLD_DAY))
    clock, processor = time.perf_counter(), time.process_time()
    report = Run(Scenario(AS_OF, 30, households), out).write_month()
    return int(str(report.events["lines"])), time.process_time() - processor, time.perf_counter() - clock


def _serialise(out: Path) -> tuple[int, float]:
    """Return (events, CPU seconds) of ``orjson.dumps`` over the same events, file by file."""
    count, seconds = 0, 0.0
    for file in (out / "landing" / "events").rglob("*.jsonl*"):
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        events = []
        for line in text.splitlines():
            try:
                events.append(orjson.loads(line))
            except orjson.JSONDecodeError:  # broken on purpose
                continue
        started = time.process_time()
        for event in events:
            orjson.dumps(event)
        seconds += time.process_time() - started
        count += len(events)
    return count, seconds


def main() -> None:
    """Measure on one core and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--table", action="store_true", help="write the table beside this file")
    given = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        count, processor, clock = _simulate(Path(folder), given.events)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        baseline_count, baseline = _serialise(Path(folder))
    rate, baseline_rate = count / processor, baseline_count / baseline
    rows = [
        "| | events | CPU seconds | events a second | ratio |",
        "|---|---|---|---|---|",
        f"| orjson.dumps of ready dicts (baseline) | {baseline_count:,} | {baseline:.1f} | {baseline_rate:,.0f} | 1 |",
        f"| simulate, files written | {count:,} | {processor:.1f} | {rate:,.0f} | {rate / baseline_rate:.3f} |",
    ]
    needed = f"One core. A million events take {1e6 / rate:.1f} CPU seconds (goal: under 60)"
    table = "\n".join([*rows, "", f"{needed}; {clock:.1f} s on the clock, {peak:.0f} MB at most."])
    print(table)
    if given.table:
        Path(__file__).with_suffix(".md").write_text(table + "\n", encoding="utf-8")
    share = rate / baseline_rate
    figure = f"{1e6 / rate:.1f} s a million ({share:.3f} of the baseline's speed)"
    say(
        Claim("simulator: a million events on one core", figure, "< 60 s", 1e6 / rate < 60, "orjson.dumps, ready dicts")
    )


if __name__ == "__main__":
    main()
