"""Numbers concluded from dates of publication: gaps that fit, seasons that begin anew, whole series without numbers."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

from core.algorithms.next_video.numbering.entry import Entry, Number, Resolved, order_key
from core.algorithms.next_video.numbering.restarts import runs_from_one

_GAP, _END, _RESTART, _ALL, _ONLY = 0.85, 0.75, 0.8, 0.6, 0.75
_ORDERED_SHARE = 0.9
_MIN_RUN = 3


def fill_by_date(entries: Sequence[Entry], settled: Mapping[int, Resolved]) -> dict[int, Resolved]:
    """Number what fields and texts leave open, where the dates tell; what they do not tell stays open."""
    dated = sorted(entries, key=lambda entry: (entry.published_us, entry.row))
    numbers: dict[int, Number] = {
        row: (each.season, each.episode) for row, each in settled.items() if each.episode is not None
    }
    result = _restarted_seasons(entries, numbers)
    if result:
        return result
    dates = Counter(entry.published_us for entry in dated)
    dated = [entry for entry in dated if dates[entry.published_us] == 1]  # one instant for several tells no order
    if not numbers:
        return _whole_series(entries, dated, settled)
    result = _gaps(dated, numbers, settled)
    numbers |= {row: (each.season, each.episode or 0) for row, each in result.items()}
    return result | _only_gap(entries, numbers, settled)


def _whole_series(
    entries: Sequence[Entry], dated: Sequence[Entry], settled: Mapping[int, Resolved]
) -> dict[int, Resolved]:
    """No number anywhere: by date, within seasons where these are known."""
    if len(dated) < len(entries) or len(dated) < 2:
        return {}
    by_season: dict[int | None, list[Entry]] = defaultdict(list)
    for entry in dated:
        known = settled.get(entry.row)
        by_season[entry.season if known is None or known.season is None else known.season].append(entry)
    if None in by_season and len(by_season) > 1:
        del by_season[None]
    return {
        entry.row: Resolved(season, place, _ALL, "dates")
        for season, members in by_season.items()
        for place, entry in enumerate(members, start=1)
    }


def _restarted_seasons(entries: Sequence[Entry], numbers: Mapping[int, Number]) -> dict[int, Resolved]:
    """No season anywhere, or one and the same, but numbers begin at 1 again and again: each beginning is a season."""
    seasons = {season for season, _ in numbers.values()}
    if len(seasons) != 1 or len(numbers) < len(entries):
        return {}
    runs = runs_from_one((entry, numbers[entry.row][1]) for entry in entries)
    return {
        entry.row: Resolved(season, place, _RESTART, "dates")
        for season, run in enumerate(runs or (), start=seasons.pop() or 1)
        for place, entry in enumerate(run, start=1)
    }


def _gaps(
    dated: Sequence[Entry], numbers: Mapping[int, Number], settled: Mapping[int, Resolved]
) -> dict[int, Resolved]:
    """Videos without a number between two with: they take the numbers left free between, if there are just as many."""
    known = [order_key(numbers[entry.row]) for entry in dated if entry.row in numbers]
    if sum(a < b for a, b in pairwise(known)) < _ORDERED_SHARE * (len(known) - 1):
        return {}
    taken, result = set(map(order_key, numbers.values())), {}
    before: Number | None = None
    runs = [(is_open, list(group)) for is_open, group in groupby(dated, key=lambda entry: entry.row not in numbers)]
    for place, (is_open, run) in enumerate(runs):
        if not is_open:
            before = numbers[run[-1].row]
            continue
        after = numbers[runs[place + 1][1][0].row] if place + 1 < len(runs) else None
        filled = between(before, after, len(run))
        if filled is None or any(order_key(number) in taken for number in filled[0]):
            continue
        for entry, (season, episode) in zip(run, filled[0], strict=True):
            said = settled.get(entry.row)
            if said is None or said.season in (None, season):
                result[entry.row] = Resolved(season, episode, filled[1], "dates")
    return result


def _only_gap(
    entries: Sequence[Entry], numbers: Mapping[int, Number], settled: Mapping[int, Resolved]
) -> dict[int, Resolved]:
    """One video without a number in a season in which one number is missing: it must be that one, whatever the date."""
    openings: dict[int | None, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.row not in numbers:
            known = settled.get(entry.row)
            openings[entry.season if known is None else known.season].append(entry)
    result = {}
    for season, lost in openings.items():
        taken = {episode for of_season, episode in numbers.values() if of_season == season}
        missing = sorted(set(range(1, max(taken, default=0))) - taken)
        if len(lost) == len(missing) == 1 and len(taken) >= _MIN_RUN:
            result[lost[0].row] = Resolved(season, missing[0], _ONLY, "fields")
    return result


def between(before: Number | None, after: Number | None, count: int) -> tuple[list[Number], float] | None:
    """Return the free numbers between two neighbours by date and the confidence, or None where they do not fit."""
    if before is not None and after is not None and before[0] == after[0]:
        first, confidence = before[1] + 1, _GAP
        fits, season = after[1] - before[1] - 1 == count, before[0]
    elif after is not None and (before is None or after[1] > 1):  # at the beginning of a series or of its next season
        first, confidence = 1, _GAP
        fits, season = after[1] - 1 == count, after[0]
    elif before is not None:
        first, confidence = before[1] + 1, _END
        fits, season = True, before[0]
    else:
        return None
    return ([(season, first + step) for step in range(count)], confidence) if fits else None
