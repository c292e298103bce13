"""Numbers that begin at 1 again and again tell seasons that nobody has written down."""

from collections.abc import Iterable, Sequence

from core.algorithms.next_video.numbering.entry import Entry

_MIN_RUN = 3


def runs_from_one(numbered: Iterable[tuple[Entry, int]]) -> Sequence[Sequence[Entry]] | None:
    """Cut episodes by date (of one instant: by number) where the numbers begin anew.

    Returns:
        Two or more runs, each of them 1, 2, 3, ... without a gap and at least three long; None where it is not so.
    """
    runs: list[list[Entry]] = []
    last = 0
    for entry, number in sorted(numbered, key=lambda pair: (pair[0].published_us, pair[1])):
        if number == 1:
            if runs and len(runs[-1]) < _MIN_RUN:
                return None
            runs.append([])
        elif not runs or number != last + 1:
            return None
        runs[-1].append(entry)
        last = number
    return runs if len(runs) > 1 and len(runs[-1]) >= _MIN_RUN else None
