"""Which numbers in titles and paths can be believed: judged for each form over the whole series, not video by video.

"Folge 27" may count through all seasons and "Teil 2" the halves of a double episode, so a form is taken only where it
agrees with the fields of most videos, or runs beside them at a constant distance in each season, or stands alone
without contradicting itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.algorithms.next_video.numbering.entry import Entry, Source
from core.algorithms.next_video.numbering.marks import Mark, path_mark, title_mark
from core.algorithms.next_video.numbering.restarts import runs_from_one

_AGREEING_SHARE = 0.5
_RUNNING_SHARE = 0.6
_REPEATED_SHARE = 0.34
_MAPPED_SHARE = 0.8


@dataclass(frozen=True)
class Said:
    """What a text says of a video, in the numbers that the series' fields use."""

    season: int | None
    episode: int | None
    source: Source


def said_of(entries: Sequence[Entry]) -> dict[int, Said]:
    """For each catalogue row the number that can be believed of its title, or else of its path."""
    result: dict[int, Said] = {}
    readers: tuple[tuple[Source, Callable[[Entry], Mark | None]], ...] = (
        ("title", lambda entry: title_mark(entry.title)),
        ("path", lambda entry: path_mark(entry.path)),
    )
    for source, read in readers:
        by_kind: dict[str, list[tuple[Entry, Mark]]] = defaultdict(list)
        for entry in entries:
            if mark := read(entry):
                by_kind[mark.kind].append((entry, mark))
        for marked in by_kind.values():
            for row, mark in _believed(_with_field_seasons(marked)):
                known = result.get(row)
                if known is None:
                    result[row] = Said(mark.season, mark.episode, source)
                elif known.episode is None or (known.season is None and mark.episode == known.episode):
                    result[row] = Said(known.season or mark.season, mark.episode, known.source)
    return result


def _with_field_seasons(marked: list[tuple[Entry, Mark]]) -> list[tuple[Entry, Mark]]:
    """Where fields count seasons in another way than texts do (2021 for "Staffel 1"), use the fields' way."""
    pairs = Counter(
        (mark.season, entry.season) for entry, mark in marked if mark.season is not None and entry.season is not None
    )
    best: dict[int | None, tuple[int, int | None]] = {}
    for (text_season, season), count in pairs.items():
        best[text_season] = max(best.get(text_season, (0, None)), (count, season))
    mapping = {text_season: season for text_season, (_, season) in best.items()}
    kept = sum(count for count, _ in best.values())
    is_plain = all(text_season == season for text_season, season in mapping.items())
    if is_plain or len(set(mapping.values())) < len(mapping) or kept < _MAPPED_SHARE * pairs.total():
        return marked
    if len(mapping) == 1 and pairs.total() < 3:  # one or two videos prove no scheme
        return marked
    return [(entry, replace(mark, season=mapping.get(mark.season, mark.season))) for entry, mark in marked]


def _believed(marked: list[tuple[Entry, Mark]]) -> list[tuple[int, Mark]]:
    known = [(entry, mark) for entry, mark in marked if entry.episode is not None and mark.episode is not None]
    if marked[0][1].episode is None:  # a season alone
        return [(entry.row, mark) for entry, mark in marked]
    if not known:
        repeated = len(marked) - len({(entry.season, mark.season, mark.episode) for entry, mark in marked})
        is_whole = repeated <= _REPEATED_SHARE * len(marked) or runs_from_one(
            (entry, mark.episode or 0) for entry, mark in marked
        )
        return [(entry.row, mark) for entry, mark in marked] if is_whole else []
    distances: dict[int | None, Counter[int]] = defaultdict(Counter)
    for entry, mark in known:
        distances[entry.season][(mark.episode or 0) - (entry.episode or 0)] += 1
    agreeing = sum(counter[0] for counter in distances.values())
    usual = {season: counter.most_common(1)[0] for season, counter in distances.items()}
    running = sum(count for distance, count in usual.values() if not distance or count > 1)  # one proves no distance
    if running > agreeing and running >= _RUNNING_SHARE * len(known):
        return _running(marked, {season: distance for season, (distance, _) in usual.items()})
    if agreeing >= _AGREEING_SHARE * len(known):
        return [(entry.row, mark) for entry, mark in marked]
    return []


def _running(marked: list[tuple[Entry, Mark]], usual: dict[int | None, int]) -> list[tuple[int, Mark]]:
    """Numbers that count through: the distance to the field is the same all over a season."""
    by_distance = sorted((distance, season) for season, distance in usual.items())
    result = []
    for entry, mark in marked:
        number = mark.episode or 0
        if entry.season in usual:
            season, distance = mark.season, usual[entry.season]
        else:  # the last season that begins before this number
            distance, season = max((each for each in by_distance if each[0] < number), default=(number, None))
        if number > distance:
            result.append((entry.row, Mark(mark.kind, season, number - distance)))
    return result
