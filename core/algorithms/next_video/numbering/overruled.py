"""Field numbers that the dates of all other episodes prove wrong: two swapped, one repeated where another is missing.

Only overwhelming evidence counts: distinct dates, at most a quarter in doubt, everything else in strict order, and for
each doubted video exactly the number that is missing at its date. Two neighbours in the wrong order prove
nothing: an episode may be published a day early. A video published anew keeps its number: nothing is missing where it
stands now, and its number would be left without a holder.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

from core.algorithms.next_video.numbering.by_date import between
from core.algorithms.next_video.numbering.entry import Entry, Number, Resolved, order_key

_SWAPPED = 0.8
_MIN_EPISODES = 5
_DOUBTED_SHARE = 0.25
_CONFIRMED = 0.96
"""A field that a text confirms is not doubted."""


def swapped_back(entries: Sequence[Entry], settled: Mapping[int, Resolved]) -> dict[int, Resolved]:
    """Two episodes that carry each other's number, as the dates of all others prove."""
    proven = _proven(entries, settled)
    given = {(settled[row].season, settled[row].episode) for row in proven}
    if len(proven) != 2 or set(proven.values()) != given:
        return {}
    return {row: Resolved(*number, _SWAPPED, "dates") for row, number in proven.items()}


def doubled_apart(entries: Sequence[Entry], settled: Mapping[int, Resolved]) -> dict[int, Number]:
    """For a video that repeats another's number, the one that is missing at its date."""
    proven = _proven(entries, settled)
    return proven if len(proven) == 1 else {}


def _proven(entries: Sequence[Entry], settled: Mapping[int, Resolved]) -> dict[int, Number]:
    """By row the number that the dates prove for videos whose field says another; texts and editors are not doubted."""
    dated = sorted(entries, key=lambda entry: entry.published_us)
    dated = [entry for entry in dated if (known := settled.get(entry.row)) and known.episode is not None]
    if len(dated) < _MIN_EPISODES or any(a.published_us == b.published_us for a, b in pairwise(dated)):
        return {}
    numbers: list[Number] = [(settled[entry.row].season, settled[entry.row].episode or 0) for entry in dated]
    keys = [order_key(number) for number in numbers]
    if all(a < b for a, b in pairwise(keys)):
        return {}
    is_sure = _on_every_longest_order(keys)
    if is_sure.count(False) > max(3, _DOUBTED_SHARE * len(dated)):
        return {}
    moved: dict[int, Number] = {}
    for sure, group in groupby(range(len(dated)), key=lambda place: is_sure[place]):
        run = list(group)
        if sure:
            continue
        fitting = _fitting(numbers, run)
        if fitting is None:
            return {}
        moved |= {dated[place].row: number for place, number in fitting.items()}
    held = {moved.get(entry.row, number) for entry, number in zip(dated, numbers, strict=True)}
    is_doubted = all(settled[row].source == "fields" and settled[row].confidence < _CONFIRMED for row in moved)
    return moved if is_doubted and held >= set(numbers) else {}


def _fitting(numbers: Sequence[Number], run: Sequence[int]) -> dict[int, Number] | None:
    """By place what changes in a run of doubted places; None where the numbers left free there do not fit."""
    before = numbers[run[0] - 1] if run[0] else None
    after = numbers[run[-1] + 1] if run[-1] + 1 < len(numbers) else None
    filled = between(before, after, len(run)) if after is not None else None
    if filled is None or (len(run) == 2 and sorted(filled[0]) == sorted(numbers[place] for place in run)):
        return None
    return {place: number for place, number in zip(run, filled[0], strict=True) if number != numbers[place]}


def _on_every_longest_order(keys: Sequence[tuple[int, int]]) -> list[bool]:
    """For each element whether every longest strictly increasing subsequence holds it (Fredman 1975). O(n log n)."""
    rising = _lengths(keys)
    falling = _lengths([(-season, -episode) for season, episode in reversed(keys)])[::-1]
    longest = max(rising)
    is_on_some = [a + b - 1 == longest for a, b in zip(rising, falling, strict=True)]
    holders = Counter(length for length, is_on in zip(rising, is_on_some, strict=True) if is_on)
    return [is_on and holders[length] == 1 for length, is_on in zip(rising, is_on_some, strict=True)]


def _lengths(keys: Sequence[tuple[int, int]]) -> list[int]:
    """Length of the longest strictly increasing subsequence that ends at each element."""
    tails: list[tuple[int, int]] = []
    lengths = []
    for key in keys:
        place = bisect_left(tails, key)
        tails[place : place + 1] = [key]
        lengths.append(place + 1)
    return lengths
