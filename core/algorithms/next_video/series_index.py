"""Successors and first episodes, looked up instead of searched for: built once with the catalogue (NV-K2).

Episodes are put in order by series, season and number. Videos that share all three are one *numbered episode*, newest
publication first. A series in which no video has a season counts as one season (NV-K1).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
NONE = -1
"""In every array of indices: there is none."""


@dataclass(frozen=True)
class SeriesIndex:
    """Arrays over catalogue rows (n), numbered episodes (e), season slots (t) and series (s)."""

    ordered: IntArray
    """(k) catalogue rows of all numbered episodes, in order."""
    starts: IntArray
    """(e + 1) where each numbered episode starts in ``ordered``."""
    episode_of: IntArray
    """(n) numbered episode of a row."""
    successor_of: IntArray
    """(e) the following numbered episode (NV-1)."""
    following_of: list[int]
    """(n) the numbered episode that follows a row; a list, for one number of an array takes three times as long."""
    slot_of: IntArray
    """(n) season slot of a row, whether it has a number or not; slots ascend by series and season."""
    series_of_slot: IntArray
    """(t)"""
    opening_of_slot: IntArray
    """(t) numbered episode 1 of the season."""
    opening_of_series: IntArray
    """(s) S01E01, or episode 1 of the lowest season where seasons are years (NV-R4)."""

    def rows_of(self, episode: int) -> IntArray:
        """Rows of the videos that share one number, newest publication first."""
        return self.ordered[self.starts[episode] : self.starts[episode + 1]]

    def following(self, row: int) -> int:
        """The numbered episode that follows a row (NV-1), or ``NONE``."""
        return self.following_of[row]

    def first_passing(self, passes: BoolArray) -> IntArray:
        """(e) For each numbered episode its newest row that passes, or ``NONE``. ``passes`` is (n)."""
        result = np.full(len(self.successor_of), NONE, dtype=np.int64)
        passing = self.ordered[passes[self.ordered]][::-1]
        result[self.episode_of[passing]] = passing  # of equal indices the last one stays: the newest
        return result


def build_series_index(
    series: IntArray, season: IntArray, episode: IntArray, published: IntArray, missing: int, year_seasons_from: int
) -> SeriesIndex:
    """Build the index.

    Args:
        series: (n) number of the series of each row, ``NONE`` for rows that are no serial video.
        season: (n) and ``episode`` (n): as the catalogue says, ``missing`` where it says nothing.
        published: (n) publication instants.
        missing: the value that stands for a missing number.
        year_seasons_from: a season number from here on is a year (NV-R4).
    """
    row_count, series_count = len(series), int(series.max(initial=NONE)) + 1
    serial = series != NONE
    has_seasons = np.zeros(series_count, dtype=bool)
    has_seasons[series[serial & (season != missing)]] = True
    in_season = serial.copy()
    in_season[serial] = (season[serial] != missing) | ~has_seasons[series[serial]]

    slot_rows = np.flatnonzero(in_season)
    slots, inverse = np.unique(np.stack([series[slot_rows], season[slot_rows]]), axis=1, return_inverse=True)
    slot_of = np.full(row_count, NONE, dtype=np.int64)
    slot_of[slot_rows] = inverse.reshape(-1)
    series_of_slot, season_of_slot = slots[0].astype(np.int64), slots[1]

    numbered = np.flatnonzero(in_season & (episode != missing))
    ordered = numbered[np.lexsort((numbered, -published[numbered], episode[numbered], slot_of[numbered]))]
    is_start = np.ones(len(ordered), dtype=bool)
    is_start[1:] = (np.diff(slot_of[ordered]) != 0) | (np.diff(episode[ordered]) != 0)
    starts = np.append(np.flatnonzero(is_start), len(ordered))
    episode_of = np.full(row_count, NONE, dtype=np.int64)
    episode_of[ordered] = np.cumsum(is_start) - 1

    heads = ordered[starts[:-1]]
    successor_of = np.full(len(heads), NONE, dtype=np.int64)
    follows = np.flatnonzero(series[heads[:-1]] == series[heads[1:]])
    successor_of[follows] = follows + 1

    following_of = np.append(successor_of, NONE)[episode_of].tolist()
    ones = np.flatnonzero(episode[heads] == 1)
    opening_of_slot = np.full(len(series_of_slot), NONE, dtype=np.int64)
    opening_of_slot[slot_of[heads[ones]]] = ones
    is_opening = _is_opening(series_of_slot, season_of_slot, missing, year_seasons_from)
    opening_of_series = np.full(series_count, NONE, dtype=np.int64)
    opening_of_series[series_of_slot[is_opening]] = opening_of_slot[is_opening]
    return SeriesIndex(
        ordered,
        starts,
        episode_of,
        successor_of,
        following_of,
        slot_of,
        series_of_slot,
        opening_of_slot,
        opening_of_series,
    )


def _is_opening(series_of_slot: IntArray, season_of_slot: IntArray, missing: int, year_seasons_from: int) -> BoolArray:
    """(t) whether a series begins with this season: season 1, or the lowest where seasons are years or not counted."""
    is_lowest = np.ones(len(series_of_slot), dtype=bool)
    is_lowest[1:] = np.diff(series_of_slot) != 0
    is_open: BoolArray = (season_of_slot == 1) | (
        is_lowest & ((season_of_slot >= year_seasons_from) | (season_of_slot == missing))
    )
    return is_open
