"""What can be played at one moment, and the first episodes that follow from it: the same until availability changes."""

from dataclasses import dataclass, field

import numpy as np

from core.algorithms.next_video.series_index import NONE, BoolArray, IntArray, SeriesIndex


@dataclass(frozen=True)
class Offer:
    """The offer between two changes of availability. Arrays over catalogue rows (n) and series (s)."""

    index: SeriesIndex
    is_playable: BoolArray
    """(n) NV-C1 but for the current video: a video, playable, published and available."""
    may_be_shown: BoolArray
    """(n) ... and in no excluded collection (NV-C2)."""
    is_kids: BoolArray
    is_documentary: BoolArray
    kept: dict[object, object] = field(default_factory=dict, repr=False)
    """What others derive from this offer and keep as long as it lasts (``filtered``)."""
    _first_episodes: dict[tuple[bool, bool], IntArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        newest = self._opening_of_newest_season()
        object.__setattr__(self, "_newest_openings", newest)
        object.__setattr__(self, "is_first_episode", self._mark_first_episodes(newest))

    _newest_openings: IntArray = field(init=False, repr=False)
    """(s) numbered episode 1 of the highest season of which an episode can be played."""
    is_first_episode: BoolArray = field(init=False, repr=False)
    """(n) NV-R4, both kinds: of the series, or of its newest season on offer."""

    def first_episodes(self, kids_only: bool, documentaries_only: bool) -> IntArray:
        """(s) NV-R4: the row that stands for a series, or ``NONE``: S01E01 where it can be shown, else the other kind.

        What replaces a candidate must itself pass NV-C1, NV-C2, NV-R1 and NV-R2; NV-R3 it shares with the candidate.
        """
        key = (kids_only, documentaries_only)
        if key not in self._first_episodes:
            self._first_episodes[key] = self._choose(*key)
        return self._first_episodes[key]

    def _choose(self, kids_only: bool, documentaries_only: bool) -> IntArray:
        passes = self.may_be_shown
        if kids_only:
            passes = passes & self.is_kids
        if documentaries_only:
            passes = passes & self.is_documentary
        first = np.append(self.index.first_passing(passes), NONE)  # so that index NONE finds NONE
        preferred = first[self.index.opening_of_series]
        return np.where(preferred != NONE, preferred, first[self._newest_openings])

    def _opening_of_newest_season(self) -> IntArray:
        index = self.index
        slots = np.unique(index.slot_of[self.is_playable & (index.slot_of != NONE)])
        newest_slot = np.full(len(index.opening_of_series), NONE, dtype=np.int64)
        newest_slot[index.series_of_slot[slots]] = slots  # ascending: the highest season stays
        return np.append(index.opening_of_slot, NONE)[newest_slot]

    def _mark_first_episodes(self, newest_openings: IntArray) -> BoolArray:
        index = self.index
        is_first = np.zeros(len(index.successor_of) + 1, dtype=bool)
        is_first[index.opening_of_series] = True
        is_first[newest_openings] = True
        is_first[NONE] = False
        return is_first[index.episode_of]
