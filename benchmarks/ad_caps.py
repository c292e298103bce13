"""No cap is ever broken: concurrent breaks of the same households, over workers that are killed again and again.

Run: ``python -m benchmarks.ad_caps [--decisions 100000] [--kills 40]``. Every household asks for 64 breaks at the same
instant, of different devices, some of them twice; workers get SIGKILL in the middle; what was not answered is asked
again. All answers are then counted against the caps (HH-11), and each must still be in the counters, no more and no
less. The baseline in the same run: workers that each count for themselves alone.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import ad_caps_count, ad_caps_home
from benchmarks.ad_caps_workers import Workers
from benchmarks.claim import Claim, say

TABLE = Path(__file__).with_suffix(".md")
_BASELINE_DECISIONS = 1000


def run(
    home: Path, decisions: int, workers: int, kills: int, seed: int = 7, is_apart: bool = False
) -> ad_caps_count.Counted:
    """Make a home, ask all, kill meanwhile, count; ``is_apart``: the baseline, in which each worker has counters."""
    world = ad_caps_home.make(home, decisions, seed)
    with Workers(home, workers, is_apart) as running:
        answers = running.ask_all(world.asked, kills)
        killed = running.killed
    return ad_caps_count.count(home, world, answers, killed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--table", action="store_true", help="write the table beside this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        counted = run(Path(folder) / "home", given.decisions, given.workers, given.kills)
        seconds = time.perf_counter() - began
        apart = run(Path(folder) / "apart", min(given.decisions, _BASELINE_DECISIONS), given.workers, 0, is_apart=True)
    print(
        f"{counted.answers} answers ({counted.asked_twice} asked twice), {counted.spots} spots, {counted.kills} kills"
    )
    print(
        f"{counted.answers / seconds:.0f} answers a second, restarts included; breaches: {counted.breaches or 'none'}"
    )
    if given.table:
        write_table(counted, apart, given.workers)
    figure = f"{sum(counted.breaches.values())} breaches in {counted.answers} answers, {counted.kills} kills"
    say(
        Claim(
            "caps hold in 100,000 concurrent decisions over workers that are killed",
            figure,
            "0 breaches",
            not counted.breaches and counted.answers >= given.decisions,
            f"each worker counting for itself: {sum(apart.breaches.values())} in {apart.answers}, no kills",
        )
    )
    return 0 if not counted.breaches else 1


def write_table(counted: ad_caps_count.Counted, apart: ad_caps_count.Counted, workers: int) -> None:
    """Write the figures of this run."""
    rows = [
        f"| {name} | {each.answers:,} | {each.asked_twice:,} | {each.spots:,} | {each.kills} "
        f"| {sum(each.breaches.values())} | {', '.join(f'{n} {kind}' for kind, n in each.breaches.items()) or '-'} |"
        for name, each in ((f"{workers} workers, one store", counted), (f"{workers} workers, each its own", apart))
    ]
    lines = [
        "# Ad decisions: caps under concurrency and kills",
        "",
        "64 breaks of one household at once, on three devices, one in ten asked twice; workers get SIGKILL in the",
        "middle and what was not answered is asked again. Every answer is counted against the caps, and must stand in",
        "the store, no more and no less.",
        f"SQLite; synthetic campaigns; {datetime.now(UTC):%Y-%m-%d}.",
        "",
        "| | breaks answered | asked twice | spots | kills | breaches | which |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
