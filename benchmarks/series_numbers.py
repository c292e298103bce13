"""NV-K1 and NV-K2: how often the successor is right on damaged series, and how long it takes to look it up.

Synthetic series with a known truth, 15 % of them damaged in one of nineteen ways (``damaged_series``). Baseline of
accuracy: the season and episode fields alone. Baseline of speed: searching the series for the next number.
Run: ``python -m benchmarks.series_numbers [--series 3000] [--seed 101] [--table]``.
"""

import argparse
import timeit
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.claim import Claim, say
from core.algorithms.next_video.numbering.entry import HIGH, Entry, order_key
from core.algorithms.next_video.numbering.resolver import resolve
from core.algorithms.next_video.series_index import NONE, SeriesIndex, build_series_index
from tests.core.algorithms.next_video.numbering.damaged_series import Series, catalogue

Keys = Mapping[int, tuple[int, int]]
_MISSING = int(np.iinfo(np.int32).min)


def successors(keys: Keys) -> dict[int, int | None]:
    """By row the first row of the next number (NV-1)."""
    holders: dict[tuple[int, int], int] = {}
    for row, key in sorted(keys.items()):
        holders.setdefault(key, row)
    order = sorted(holders)
    following = dict(zip(order, [*order[1:], None], strict=True)) if order else {}
    return {row: None if (after := following[key]) is None else holders[after] for row, key in keys.items()}


def by_fields(entries: list[Entry]) -> dict[int, int | None]:
    """What the fields alone say, as before there was a resolver."""
    return successors({e.row: order_key((e.season, e.episode)) for e in entries if e.episode is not None})


def score(all_series: list[Series]) -> dict[str, list[int]]:
    """By damage: episodes, right by fields, right when resolved, wrong at high confidence."""
    figures: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in all_series:
        found = resolve(each.entries)
        plain = by_fields(each.entries)
        resolved = successors(
            {row: order_key((it.season, it.episode)) for row, it in found.items() if it.episode is not None}
        )
        for row, true_row in each.successors().items():
            row_figures = figures[each.damage]
            row_figures[0] += 1
            row_figures[1] += row in plain and plain[row] == true_row
            if row in resolved and resolved[row] == true_row:
                row_figures[2] += 1
            elif row in resolved:
                after = resolved[row]
                sure = min(found[row].confidence, 1.0 if after is None else found[after].confidence)
                row_figures[3] += sure >= HIGH
    return figures


def index_of(all_series: list[Series]) -> SeriesIndex:
    numbers = [(number, entry) for number, each in enumerate(all_series) for entry in each.entries]
    arrays = (
        [number for number, _ in numbers],
        [_MISSING if entry.season is None else entry.season for _, entry in numbers],
        [_MISSING if entry.episode is None else entry.episode for _, entry in numbers],
        [entry.published_us for _, entry in numbers],
    )
    return build_series_index(*(np.array(array, dtype=np.int64) for array in arrays), _MISSING, 1900)


def lookup_seconds(all_series: list[Series], rounds: int) -> tuple[float, float]:
    """Seconds for one successor: looked up in the index, and searched for among the entries of its series."""
    index, places = index_of(all_series), [(entry, each) for each in all_series for entry in each.entries]
    rows = range(0, len(places), max(1, len(places) // 1000))

    def look_up() -> None:
        for row in rows:
            index.following(row)

    def search() -> None:
        for row in rows:
            here, its_series = places[row]
            if here.episode is not None:
                key = order_key((here.season, here.episode))
                keys = (order_key((e.season, e.episode)) for e in its_series.entries if e.episode is not None)
                min((other for other in keys if other > key), default=NONE)

    return tuple(min(timeit.repeat(work, number=rounds, repeat=3)) / rounds / len(rows) for work in (look_up, search))


def table_of(figures: dict[str, list[int]]) -> str:
    lines = [
        "| damage | episodes | right by fields alone | right when resolved | wrong at high confidence |",
        "|---|---|---|---|---|",
    ]
    total = [sum(column) for column in zip(*figures.values(), strict=True)]
    for name, (count, plain, right, sure) in [*sorted(figures.items()), ("all", total)]:
        lines.append(f"| {name.replace('_', ' ')} | {count:,} | {plain / count:.4f} | {right / count:.4f} | {sure} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--table", action="store_true", help="write the table beside this file")
    given = parser.parse_args()
    all_series = catalogue(given.seed, given.series)
    figures = score(all_series)
    looked_up, searched = lookup_seconds(all_series, rounds=20)
    count, plain, right, sure = (sum(column) for column in zip(*figures.values(), strict=True))
    speed = f"One successor: {1e6 * looked_up:.2f} microseconds from the index, {1e6 * searched:.2f} by searching."
    text = f"{table_of(figures)}\n\n{speed}"
    print(text)
    if given.table:
        heading = "# Episodes of damaged series (synthetic)\n\n`python -m benchmarks.series_numbers --table`\n\n"
        Path(__file__).with_suffix(".md").write_text(heading + text + "\n", encoding="utf-8")
    share = f"{right / count:.4f} right, {sure} wrong at high confidence"
    baseline = f"fields alone: {plain / count:.4f}"
    say(
        Claim(
            "series: successors, 15 % damaged (synthetic)",
            share,
            ">= 0.99, 0",
            right / count >= 0.99 and not sure,
            baseline,
        )
    )
    figure = f"{1e6 * looked_up:.2f} us"
    say(Claim("series: successor looked up", figure, "< 1 us", looked_up < 1e-6, f"a search: {1e6 * searched:.2f} us"))


if __name__ == "__main__":
    main()
