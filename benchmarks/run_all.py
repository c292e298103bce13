"""All benchmarks one after the other, each as a process of its own, and one table of what they claim.

Run: ``make bench``, or ``python -m benchmarks.run_all [--full] [--interactions CSV]``. Quick sizes take some minutes
and prove nothing where a claim names a size; ``--full`` takes the sizes that the claims name. Ends with exit code 1
if a claim is not met or a benchmark failed.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.claim import MARK, Claim, heard


@dataclass(frozen=True)
class Benchmark:
    """A script in this folder, with its arguments for a quick run and for the sizes that its claim names."""

    name: str
    quick: tuple[str, ...]
    full: tuple[str, ...]


BENCHMARKS = (
    Benchmark("simulator", ("--events", "200000"), ("--events", "1000000", "--table")),
    Benchmark("ingestion", ("--events", "500000"), ("--events", "5000000", "--rounds", "1")),
    Benchmark("incremental_build", ("--events", "500000"), ("--events", "5000000")),
    Benchmark("ad_detection", ("--hours", "0.3", "--epochs", "4"), ("--hours", "6", "--epochs", "16")),
    Benchmark("series_numbers", (), ("--table",)),
    Benchmark("experiments", ("--devices", "300", "--days", "7"), ()),
    Benchmark("households", ("--events", "300000"), ("--events", "10000000", "--curve", "--accuracy", "101")),
    Benchmark("households_live", ("--events", "100000"), ("--events", "1000000", "--curve")),
    Benchmark("next_video_latency", ("--seconds", "5"), ("--seconds", "20", "--table")),
    Benchmark("next_video_size", ("--seconds", "4"), ("--seconds", "15", "--full", "--table")),
    Benchmark("ad_pacing", (), ("--table",)),
    Benchmark("ad_optimality", ("--days", "1"), ("--days", "4", "--table")),
    Benchmark("next_video_preview", ("--requests", "10000"), ("--requests", "100000", "--table")),
    Benchmark("household_graph", ("--households", "2000", "--seconds", "4"), ("--households", "2000", "--table")),
    Benchmark("ad_decision", ("--households", "50000", "--seconds", "4"), ("--curves", "--table")),
    Benchmark("ad_caps", ("--decisions", "3000", "--kills", "4"), ("--table",)),
    Benchmark("household_stream", ("--seconds", "6"), ("--seconds", "15", "--table")),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the sizes that the claims name; some need half an hour")
    parser.add_argument("--interactions", type=Path, help="CSV (user,item,timestamp) to measure accuracy on")
    given = parser.parse_args()
    claims: list[Claim] = []
    failed: list[str] = []
    for benchmark in BENCHMARKS:
        found = _run(benchmark.name, benchmark.full if given.full else benchmark.quick)
        claims += found
        failed += [] if found else [benchmark.name]
    if given.interactions is None:
        print("== next_video_accuracy: skipped; give --interactions CSV (header user,item,timestamp)", flush=True)
    else:
        found = _run("next_video_accuracy", ("--interactions", str(given.interactions.absolute())))
        claims += found
        failed += [] if found else ["next_video_accuracy"]
    print("\n" + _table(claims))
    for name in failed:
        print(f"{name}: failed, nothing was measured")
    return 1 if failed or not all(claim.is_met for claim in claims) else 0


def _run(name: str, arguments: tuple[str, ...]) -> list[Claim]:
    """Run one script and show what it prints, except for its claims, which are returned; none if it failed."""
    print(f"== {name} {' '.join(arguments)}", flush=True)
    started = time.perf_counter()
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    root = Path(__file__).parents[1]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=root, check=False).stdout
    print("\n".join(line for line in output.splitlines() if not line.startswith(MARK)))
    print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)
    return heard(output)


def _table(claims: list[Claim]) -> str:
    rows = [("claim", "measured", "bar", "met", "against, in the same run")]
    rows += [(each.text, each.figure, each.bar, "yes" if each.is_met else "NO", each.baseline) for each in claims]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
