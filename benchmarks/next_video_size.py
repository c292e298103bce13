"""Claim: p50 under 3 ms, p99 under 10 ms at 200 requests a second with 50,000 videos and histories of 50, in 1 GB.

And how latency grows with the catalogue and with the history. Servers, load and baseline are those of
``next_video_latency``; the model knows every video of the catalogue, which is more than training ever lets in (NV-T3).

Run: ``python -m benchmarks.next_video_size [--seconds 8] [--rate 200] [--full] [--table]``; ``--full`` adds 200,000.
"""

import argparse
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import next_video_latency as latency
from benchmarks.claim import Claim, say
from core.settings import load

CASES = ((1_000, 50), (10_000, 50), (50_000, 0), (50_000, 50))
LARGE = ((200_000, 50),)
CLAIMED = (50_000, 50)
P50_MS, P99_MS, MEGABYTES = 3, 10, 1000

Figures = dict[str, dict[str, float]]


def measure(videos: int, views: int, rate: float, seconds: float) -> Figures:
    with tempfile.TemporaryDirectory() as home:
        settings = load({"MEDIATHEK_HOME": home})
        latency.prepare(settings, videos)
        return latency.measure(settings, rate, seconds, latency.requests(videos, views), rounds=1)


def table_of(figures: dict[tuple[int, int], Figures]) -> str:
    lines = [
        "| videos | views | p50, ms | p99, ms | bare route: p50, p99 | ratio of p50 | peak, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for (videos, views), case in figures.items():
        ours, bare = case["next-video"], case["bare"]
        ratio = ours["p50_ms"] / bare["p50_ms"]
        both = [f"{each['p50_ms']:.2f}, {each['p99_ms']:.2f}" for each in (ours, bare)]
        cells = (f"{videos:,}", views, both[0].replace(", ", " | "), both[1], f"{ratio:.1f}", f"{ours['peak_mb']:.0f}")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--full", action="store_true", help="200,000 videos as well")
    parser.add_argument("--table", action="store_true", help="write the table beside this file")
    given = parser.parse_args()
    cases = (*CASES, *(LARGE if given.full else ()))
    figures = {case: measure(*case, given.rate, given.seconds) for case in cases}
    about = (
        f"{given.rate:.0f} requests a second for {given.seconds:.0f} s, one worker; {datetime.now(UTC):%Y-%m-%d}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
    )
    text = f"{about}\n\n{table_of(figures)}"
    print(text)
    if given.table:
        heading = (
            "# Latency of Next-Video against catalogue and history\n\n`python -m benchmarks.next_video_size --table`. "
        )
        Path(__file__).with_suffix(".md").write_text(heading + text + "\n", encoding="utf-8")
    ours = figures[CLAIMED]["next-video"]
    baseline = "bare FastAPI route, same server"
    for name, key, bar in (("p50", "p50_ms", P50_MS), ("p99", "p99_ms", P99_MS)):
        claim = f"Next-Video, 50,000 videos, {given.rate:.0f} requests a second: {name}"
        ratio = ours[key] / figures[CLAIMED]["bare"][key]
        say(Claim(claim, f"{ours[key]:.1f} ms ({ratio:.1f} times)", f"< {bar} ms", ours[key] < bar, baseline))
    memory = ours["peak_mb"]
    say(
        Claim(
            "Next-Video, 50,000 videos: one worker's memory", f"{memory:.0f} MB", "< 1 GB", memory < MEGABYTES, "none"
        )
    )


if __name__ == "__main__":
    main()
