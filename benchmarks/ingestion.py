"""Claim: ingestion reaches at least 0.25 of what a bare DuckDB ``COPY (FROM read_json(...)) TO parquet`` reaches.

Both read the same simulated files in the same run, by turns, each as a process of its own; the baseline does nothing
but parse and write one Parquet file, ingestion validates, pseudonymises, drops repeats and commits by hour. Compared
are medians: all of ``mediathek ingest``, its start included, against DuckDB's statement alone, without its start.

Run: ``python -m benchmarks.ingestion [--events 5000000] [--rounds 3]``; its table is ingestion.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.claim import Claim, say
from core.settings import child_environment, load

AS_OF = "2026-11-24T00:00:00Z"
BAR = 0.25
LIMIT_MEGABYTES = 2000
BASELINE = "bare COPY (FROM read_json(...)) TO parquet"
# Simulated logs have broken lines; without ignore_errors the baseline would not read them at all.
_BARE = """
import duckdb, glob, sys, time
duckdb.execute("set enable_progress_bar = false")
files = sorted(glob.glob(sys.argv[1] + "/landing/events/**/*.jsonl*", recursive=True))
started = time.perf_counter()
(rows,) = duckdb.execute(
    f"copy (from read_json({files}, format = 'newline_delimited', ignore_errors = true)) "
    f"to '{sys.argv[2]}' (format parquet)"
).fetchone()
print(rows, time.perf_counter() - started)
"""


@dataclass(frozen=True)
class Measured:
    events: int
    seconds: float
    peak_megabytes: float
    processor_seconds: float  # of the whole process, all threads


def bare(source: Path, home: Path) -> Measured:
    """DuckDB alone; seconds of its statement."""
    home.mkdir()
    output, _, peak, processor = _process(
        [sys.executable, "-c", _BARE, str(source), str(home / "events.parquet")], home
    )
    rows, seconds = output.split()
    return Measured(int(rows), float(seconds), peak, processor)


def ours(source: Path, home: Path) -> Measured:
    """``mediathek ingest`` into an empty home; seconds of the whole process."""
    home.mkdir()
    command = [sys.executable, "-m", "mediathek", "ingest", "--source", str(source / "landing")]
    output, seconds, peak, processor = _process([*command, "--as-of", AS_OF, "--json"], home)
    return Measured(json.loads(output)["events"]["accepted"], seconds, peak, processor)


def _process(command: list[str], home: Path) -> tuple[str, float, float, float]:
    """Return (standard output, seconds, peak memory in MB, processor seconds) of a process."""
    environment = child_environment(load({"MEDIATHEK_HOME": str(home)}))
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            raise RuntimeError(f"exit code {child.returncode}: {errors.read()[-500:]}")
        output.seek(0)
        return output.read(), seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def simulate(events: int, folder: Path) -> Path:
    source = folder / "source"
    command = [sys.executable, "-m", "mediathek", "simulate", "--out", str(source), "--events", str(events)]
    _process([*command, "--as-of", AS_OF], folder)
    return source


def measure(source: Path, rounds: int, folder: Path) -> dict[str, list[Measured]]:
    """By turns, so that a busy minute of the machine hits both."""
    found: dict[str, list[Measured]] = {"bare": [], "ours": []}
    for number in range(rounds):
        found["bare"].append(bare(source, folder / f"bare-{number}"))
        found["ours"].append(ours(source, folder / f"ours-{number}"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--simulated", type=Path, help="an --out of `mediathek simulate`, instead of making one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingestion-bench-") as folder:
        source = given.simulated or simulate(given.events, Path(folder))
        found = measure(source, given.rounds, Path(folder))
    print(
        "| | events | seconds (rounds) | CPU seconds | events a second | peak memory, MB |\n|---|---|---|---|---|---|"
    )
    for name, label in (("bare", BASELINE), ("ours", "mediathek ingest")):
        seconds = [each.seconds for each in found[name]]
        rounds = ", ".join(f"{each:.1f}" for each in seconds)
        rate = found[name][0].events / statistics.median(seconds)
        peak = max(each.peak_megabytes for each in found[name])
        processor = statistics.median(each.processor_seconds for each in found[name])
        print(f"| {label} | {found[name][0].events:,} | {rounds} | {processor:.1f} | {rate:,.0f} | {peak:.0f} |")
    ratio, peak = _ratio(found), max(each.peak_megabytes for each in found["ours"])
    size = f"{found['bare'][0].events / 1e6:.1f} million events"
    say(Claim(f"ingestion, {size}: speed", f"{ratio:.2f}", f">= {BAR}", ratio >= BAR, BASELINE))
    is_small = peak < LIMIT_MEGABYTES
    say(Claim(f"ingestion, {size}: peak memory", f"{peak:.0f} MB", f"< {LIMIT_MEGABYTES} MB", is_small, "none"))


def _ratio(found: dict[str, list[Measured]]) -> float:
    seconds = {name: statistics.median(each.seconds for each in rounds) for name, rounds in found.items()}
    return seconds["bare"] / seconds["ours"]


if __name__ == "__main__":
    main()
