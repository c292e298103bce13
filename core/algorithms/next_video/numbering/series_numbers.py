"""The numbers of all series, resolved once when the catalogue is read: arrays for the index, entries for editors."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.algorithms.next_video.numbering.corrections import Correction, numbers_by_row
from core.algorithms.next_video.numbering.entry import Entry, Resolved
from core.algorithms.next_video.numbering.findings import Finding, findings_of
from core.algorithms.next_video.numbering.resolver import resolve


@dataclass(frozen=True)
class SeriesNumbers:
    """``season`` and ``episode`` are (n) over catalogue rows, ``missing`` where there is none."""

    season: npt.NDArray[np.int64]
    episode: npt.NDArray[np.int64]
    resolved: Mapping[int, Resolved]
    """By catalogue row, for every serial video."""
    entries: Mapping[str, tuple[Entry, ...]]
    """By series id."""

    @cached_property
    def findings(self) -> dict[str, list[Finding]]:
        """What editors should look at, by series id; only series with findings."""
        found = {series_id: findings_of(entries, self.resolved) for series_id, entries in self.entries.items()}
        return {series_id: each for series_id, each in found.items() if each}

    def confidence_of(self, series_id: str) -> float:
        """Mean confidence over the videos of a series."""
        entries = self.entries[series_id]
        return sum(self.resolved[entry.row].confidence for entry in entries) / len(entries)


def number_series(
    table: pa.Table, series: npt.NDArray[np.int64], missing: int, corrections: Mapping[str, Correction]
) -> SeriesNumbers:
    """Resolve every series.

    Args:
        table: the catalogue, schema ``core.contracts.lake.CATALOGUE``.
        series: (n) number of the series of each row, negative for rows that are no serial video.
        missing: the value that stands for a missing number in the arrays.
        corrections: of editors, by content id.
    """
    by_series: dict[str, list[Entry]] = defaultdict(list)
    rows = np.flatnonzero(series >= 0)
    for entry, series_id in _entries(table.take(pa.array(rows)), rows):
        by_series[series_id].append(entry)
    season = np.full(len(series), missing, dtype=np.int64)
    episode = np.full(len(series), missing, dtype=np.int64)
    resolved: dict[int, Resolved] = {}
    for entries in by_series.values():
        resolved |= resolve(entries, numbers_by_row(entries, corrections) if corrections else None)
    for row, known in resolved.items():
        if known.season is not None:
            season[row] = known.season
        if known.episode is not None:
            episode[row] = known.episode
    return SeriesNumbers(season, episode, resolved, {key: tuple(entries) for key, entries in by_series.items()})


def _entries(serial: pa.Table, rows: npt.NDArray[np.int64]) -> Any:
    columns = [serial[name].to_pylist() for name in ("content_id", "title", "path", "season", "episode", "series_id")]
    published = serial["published_at"].cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    for row, content_id, title, path, season, episode, series_id, at_us in zip(
        rows.tolist(), *columns, published, strict=True
    ):
        yield Entry(row, content_id, title or "", path or "", season, episode, at_us or 0), series_id
