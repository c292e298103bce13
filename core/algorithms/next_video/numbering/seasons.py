"""Seasons told by dates: where none is given, and where one stands alone, far from all others."""

from collections import Counter
from collections.abc import Sequence

from core.algorithms.next_video.numbering.entry import UNKNOWN, Entry, Number, Resolved
from core.algorithms.next_video.numbering.standing import Standing

_TOLD, _STRAY, _UNTOLD = 0.85, 0.8, 0.5
_MARGIN = 0.3
_MIN_EPISODES = 5


def seasons_by_date(numbered: Sequence[tuple[Entry, Number]]) -> dict[int, Resolved]:
    """Give videos whose season is missing, or cannot be right, the season where number and date fit.

    In a series without any season nothing is missing. A video without a season that fits nowhere, or in two seasons
    alike, gets no place; one with a strange season that fits nowhere else keeps it at a low confidence.
    """
    counts = Counter(season for _, (season, _) in numbered if season is not None)
    strays = _strays(numbered, counts)
    doubted = {entry.row for entry, (season, _) in numbered if season is None or entry.row in strays}
    seasons = sorted(season for season in counts if season not in strays.values())
    if not seasons or not doubted:
        return {}
    standing = Standing((entry, number) for entry, number in numbered if entry.row not in doubted)
    result = {}
    for entry, (given, episode) in numbered:
        if entry.row not in doubted:
            continue
        season = _fitting(standing, entry, episode, seasons)
        if season is not None:
            result[entry.row] = Resolved(season, episode, _TOLD if given is None else _STRAY, "dates")
        else:
            result[entry.row] = UNKNOWN if given is None else Resolved(given, episode, _UNTOLD, "fields")
    return result


def _fitting(standing: Standing, entry: Entry, episode: int, seasons: Sequence[int]) -> int | None:
    misfits = sorted((standing.misfit(entry, (season, episode)), season) for season in seasons)
    is_told = misfits[0][0] < _MARGIN and (len(misfits) == 1 or misfits[1][0] - misfits[0][0] >= _MARGIN)
    return misfits[0][1] if is_told else None


def _strays(numbered: Sequence[tuple[Entry, Number]], counts: Counter[int]) -> dict[int, int]:
    """By row the season of videos that are alone in it, not at its beginning, and not next to another season."""
    if len(numbered) < _MIN_EPISODES:
        return {}
    common = {season for season, count in counts.items() if count > 1}
    return {
        entry.row: season
        for entry, (season, episode) in numbered
        if season is not None
        and counts[season] == 1
        and common
        and (episode > 1 or season > max(common) + 1)
        and not {season - 1, season + 1} & set(counts)
    }
