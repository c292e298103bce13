"""Orders the episodes of one series from all there is: fields, titles, paths, dates (NV-K1).

Fields count unless a text contradicts them and fits better. Dates settle such contradictions and fill what is missing,
at a confidence of their own; alone they overrule a number only where nothing else can be right: two episodes swapped,
a season that nobody else has. A doubled number stays, by NV-1 the newest stands for it; editors see a suggestion.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.algorithms.next_video.numbering.by_date import fill_by_date
from core.algorithms.next_video.numbering.entry import HIGH, UNKNOWN, Entry, Number, Resolved
from core.algorithms.next_video.numbering.overruled import doubled_apart, swapped_back
from core.algorithms.next_video.numbering.seasons import seasons_by_date
from core.algorithms.next_video.numbering.standing import Standing
from core.algorithms.next_video.numbering.texts import Said, said_of

_AGREED, _PLAIN, _SETTLED, _READ, _EVEN, _OPEN = 0.99, 0.95, 0.92, 0.93, 0.6, 0.5
_MARGIN = 0.3
_DISORDERED = 0.15


def resolve(entries: Sequence[Entry], corrections: Mapping[int, Number] | None = None) -> dict[int, Resolved]:
    """Give every video of one series its season, episode and confidence.

    Args:
        entries: all videos of the series.
        corrections: by row, what an editor says; it counts over everything else.

    Returns:
        By catalogue row. ``episode`` is None where nothing tells it; ``season`` is None also where no season is used.
    """
    corrected = corrections or {}
    said = said_of(entries)
    settled: dict[int, Resolved] = {
        row: Resolved(season, episode, 1.0, "editor") for row, (season, episode) in corrected.items()
    }
    doubtful: list[tuple[Entry, Said]] = []
    for entry in entries:
        if entry.row in settled:
            continue
        text = said.get(entry.row)
        if text is not None and _contradicts(entry, text):
            doubtful.append((entry, text))
        elif plain := _plain(entry, text):
            settled[entry.row] = plain
    settled |= _settle(entries, settled, doubtful)
    settled |= seasons_by_date(_numbers(entries, settled))
    settled |= swapped_back(entries, settled)
    settled |= fill_by_date(entries, settled)
    settled |= _doubts(entries, settled)
    for row, number in doubled_apart(entries, settled).items():
        settled[row] = replace(settled[row], suggested=number)
    return {entry.row: settled.get(entry.row) or replace(UNKNOWN, season=entry.season) for entry in entries}


def _contradicts(entry: Entry, text: Said) -> bool:
    is_other_episode = None not in (entry.episode, text.episode) and entry.episode != text.episode
    is_other_season = None not in (entry.season, text.season) and entry.season != text.season
    return is_other_episode or is_other_season


def _plain(entry: Entry, text: Said | None) -> Resolved | None:
    """What fields and text say where they do not contradict each other."""
    season, episode = entry.season, entry.episode
    if text is None or (text.season is None and text.episode is None):
        return None if episode is None else Resolved(season, episode, _PLAIN, "fields")
    is_read = (episode is None and text.episode is not None) or (season is None and text.season is not None)
    season = text.season if season is None else season
    episode = text.episode if episode is None else episode
    if episode is None:
        return None if season is None else Resolved(season, None, 0.0, "none")
    return Resolved(season, episode, _READ if is_read else _AGREED, text.source if is_read else "fields")


def _numbers(entries: Sequence[Entry], settled: Mapping[int, Resolved]) -> list[tuple[Entry, Number]]:
    found = [(entry, settled[entry.row]) for entry in entries if entry.row in settled]
    return [(entry, (each.season, each.episode)) for entry, each in found if each.episode is not None]


def _settle(
    entries: Sequence[Entry], settled: Mapping[int, Resolved], doubtful: Sequence[tuple[Entry, Said]]
) -> dict[int, Resolved]:
    """Choose between field and text by what fits among the others.

    Where both fit alike the text goes first: everybody reads a title, so its mistakes are found. Where nothing can be
    compared the field stays.
    """
    if not doubtful:
        return {}
    standing = Standing(_numbers(entries, settled))
    result = {}
    for entry, text in doubtful:
        by_text: Number = (
            entry.season if text.season is None else text.season,
            entry.episode if text.episode is None else text.episode,  # type: ignore[assignment]
        )
        if entry.episode is None:  # the seasons differ, and only the text knows the episode
            by_field: Number = (entry.season, by_text[1])
        else:
            by_field = (entry.season, entry.episode)
        if by_text[1] is None:
            continue
        by_field_misfit, by_text_misfit = standing.misfit(entry, by_field), standing.misfit(entry, by_text)
        difference = by_field_misfit - by_text_misfit
        if not len(standing) or difference <= -_MARGIN:
            clear = len(standing) and by_field_misfit < _MARGIN
            result[entry.row] = Resolved(*by_field, _SETTLED if clear else _OPEN, "fields")
        else:
            clear = difference >= _MARGIN and by_text_misfit < _MARGIN
            result[entry.row] = Resolved(*by_text, _SETTLED if clear else _EVEN, text.source)
    return result


def _doubts(entries: Sequence[Entry], settled: Mapping[int, Resolved]) -> dict[int, Resolved]:
    """Lower the confidence of numbers that are doubled, against the dates around, or beside a gap that a video without
    a place may belong into.
    """
    numbered = _numbers(entries, settled)
    standing, taken = Standing(numbered), Counter(number for _, number in numbered)
    sure = [
        (entry, number)
        for entry, number in numbered
        if settled[entry.row].confidence >= HIGH and settled[entry.row].source != "editor"
    ]
    disordered = {
        entry.row
        for entry, number in sure
        if settled[entry.row].confidence < _AGREED and standing.disorder(entry.published_us, number) > _DISORDERED
    }
    is_whole = len(sure) == len(entries) and not disordered
    return {
        entry.row: replace(settled[entry.row], confidence=_OPEN)
        for entry, number in sure
        if taken[number] > 1 or entry.row in disordered or not (is_whole or (number[0], number[1] + 1) in taken)
    }
