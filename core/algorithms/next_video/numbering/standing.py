"""How well a number fits among the videos of its series whose numbers nobody doubts."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from core.algorithms.next_video.numbering.entry import Entry, Number, order_key

_NEIGHBOURS = 3
_DOUBLED = 2.0
_STRANGE_SEASON = 1.0


class Standing:
    """Numbers taken, by date of publication. Only near neighbours are asked: O(log n) a question."""

    def __init__(self, numbered: Iterable[tuple[Entry, Number]]) -> None:
        rows = sorted((entry.published_us, *order_key(number)) for entry, number in numbered)
        self._dates = [date for date, *_ in rows]
        self._keys = [(season, episode) for _, season, episode in rows]
        self._taken = Counter(self._keys)
        self._seasons = {season for season, _ in self._keys}

    def __len__(self) -> int:
        return len(self._keys)

    def is_taken(self, number: Number) -> bool:
        return order_key(number) in self._taken

    def misfit(self, entry: Entry, number: Number) -> float:
        """0 fits perfectly; a doubled number adds 2, a season nobody else has 1, order against dates 0 to 2."""
        key = order_key(number)
        cost = _DOUBLED * (key in self._taken) + _STRANGE_SEASON * (bool(self._seasons) and key[0] not in self._seasons)
        return cost + 2 * self.disorder(entry.published_us, number)

    def disorder(self, published_us: int, number: Number) -> float:
        """Share (0..1) of the nearest videos by date that stand on the wrong side of a number."""
        key, place = order_key(number), bisect_left(self._dates, published_us)
        before = self._keys[max(0, place - _NEIGHBOURS) : place]
        after = [
            other
            for date, other in zip(self._dates[place:][: 2 * _NEIGHBOURS], self._keys[place:], strict=False)
            if date > published_us
        ][:_NEIGHBOURS]
        if not before and not after:
            return 0.0
        return (sum(other > key for other in before) + sum(other < key for other in after)) / (len(before) + len(after))
