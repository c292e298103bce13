"""The catalogue as arrays: what the rules ask of a video, answered without a loop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.algorithms.next_video.numbering.corrections import Correction
from core.algorithms.next_video.numbering.series_numbers import SeriesNumbers, number_series
from core.algorithms.next_video.offer import Offer
from core.algorithms.next_video.request import UnknownVideoError
from core.algorithms.next_video.rules import Rules
from core.algorithms.next_video.series_index import NONE, BoolArray, IntArray, SeriesIndex, build_series_index

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EVER = np.iinfo(np.int64).max
_MISSING = int(np.iinfo(np.int32).min)
_MAPPINGS_KEPT = 16


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970 of an aware instant: exact, as the lake stores times."""
    return (instant - _EPOCH) // _MICROSECOND


@dataclass(frozen=True)
class Catalogue:
    """All videos and pages, one row each, with the series index. Build it with ``from_table``; never changed after."""

    table: pa.Table
    """As read: schema ``core.contracts.lake.CATALOGUE``."""
    ids: tuple[str, ...]
    row_of: dict[str, int]
    is_video: BoolArray
    is_kids: BoolArray
    """NV-R1"""
    is_documentary: BoolArray
    """NV-R2"""
    is_excluded: BoolArray
    """NV-C2"""
    is_hidden: BoolArray
    """NV-H2"""
    is_switched_on: BoolArray
    """A video with the catalogue's ``playable``."""
    published_us: IntArray
    available_from_us: IntArray
    available_until_us: IntArray
    series: IntArray
    """Number of the series of a serial video, else ``NONE``."""
    series_number: dict[str, int]
    numbers: SeriesNumbers
    """Which episode each serial video is, and how sure that is (NV-K1)."""
    index: SeriesIndex
    _episodes_by_publication: tuple[IntArray, IntArray]
    """Serial rows by series and publication, and where each series starts."""
    _changes: IntArray
    """Every instant at which availability changes, ascending."""
    _offer: list[tuple[int, Offer]] = field(default_factory=list)
    _mappings: dict[int, tuple[Sequence[str], IntArray]] = field(default_factory=dict)

    @staticmethod
    def from_table(table: pa.Table, rules: Rules, corrections: Mapping[str, Correction] | None = None) -> "Catalogue":
        """Build the arrays and the series index.

        Args:
            table: the columns of ``core.contracts.lake.CATALOGUE``.
            rules: the editorial rules.
            corrections: what editors say of episodes, by content id (NV-K1).
        """
        ids = tuple(table["content_id"].to_pylist())
        is_video = _equals_any(table, "kind", ["video"])
        published = _instants(table, "published_at", -_EVER)
        available_from = _instants(table, "available_from", -_EVER)
        available_until = _instants(table, "available_until", _EVER)
        series, series_number = _series(table, is_video)
        numbers = number_series(table, series, _MISSING, corrections or {})
        index = build_series_index(
            series, numbers.season, numbers.episode, published, _MISSING, rules.year_seasons_from
        )
        changes = np.unique(np.concatenate([published, available_from, available_until]))
        paths = table["path"].to_pylist()
        return Catalogue(
            table=table,
            ids=ids,
            row_of={content_id: row for row, content_id in enumerate(ids)},
            is_video=is_video,
            is_kids=_equals_any(table, "audience", rules.kids_audiences),
            is_documentary=_equals_any(table, "genre", rules.documentary_genres),
            is_excluded=_equals_any(table, "collection", rules.excluded_collections),
            is_hidden=np.array([rules.is_hidden_path(path or "") for path in paths], dtype=bool),
            is_switched_on=is_video & _column(table, "is_playable", pa.bool_(), False).astype(bool),
            published_us=published,
            available_from_us=available_from,
            available_until_us=available_until,
            series=series,
            series_number=series_number,
            numbers=numbers,
            index=index,
            _episodes_by_publication=_by_publication(series, published, len(series_number)),
            _changes=changes[(changes > -_EVER) & (changes < _EVER)],
        )

    def __len__(self) -> int:
        return len(self.ids)

    def video_row(self, content_id: str) -> int:
        """Row of a video, whatever its availability.

        Raises:
            UnknownVideoError: the id is unknown or that of a page.
        """
        row = self.row_of.get(content_id)
        if row is None or not self.is_video[row]:
            raise UnknownVideoError(content_id)
        return row

    def entry(self, row: int) -> dict[str, Any]:
        """All catalogue fields of one row, for pages and reports."""
        entry: dict[str, Any] = self.table.slice(row, 1).to_pylist()[0]
        return entry

    def offer_at(self, now: datetime) -> Offer:
        """What can be played at an instant; built anew only where availability changed since it was last asked for."""
        now_us = microseconds(now)
        interval = int(np.searchsorted(self._changes, now_us, side="right"))
        if self._offer and (known := self._offer[0])[0] == interval:
            return known[1]
        is_playable = (
            self.is_switched_on
            & (self.published_us <= now_us)
            & (self.available_from_us <= now_us)
            & (now_us < self.available_until_us)
        )
        offer = Offer(self.index, is_playable, is_playable & ~self.is_excluded, self.is_kids, self.is_documentary)
        self._offer[:] = [(interval, offer)]  # one step: another thread sees the old or the new
        return offer

    def rows_of_vocabulary(self, vocabulary: Sequence[str]) -> IntArray:
        """(n) catalogue row of every item a model knows, ``NONE`` for what left the catalogue; made once a model."""
        known = self._mappings.get(id(vocabulary))
        if known is not None and known[0] is vocabulary:
            return known[1]
        rows = np.fromiter((self.row_of.get(each, NONE) for each in vocabulary), dtype=np.int64, count=len(vocabulary))
        while len(self._mappings) >= _MAPPINGS_KEPT:
            self._mappings.pop(next(iter(self._mappings)), None)
        self._mappings[id(vocabulary)] = (vocabulary, rows)  # holding the vocabulary keeps its identity unique
        return rows

    @cached_property
    def genre_number(self) -> IntArray:
        """(n) the same number for the same genre, -1 where there is none; made when first asked for."""
        codes = pc.dictionary_encode(self.table["genre"].cast(pa.string()).combine_chunks()).indices
        return np.asarray(pc.fill_null(codes, -1).to_numpy(zero_copy_only=False), dtype=np.int64)

    def genres_of(self, vocabulary: Sequence[str]) -> list[str | None]:
        """(n) genre of every item a model knows, None for what left the catalogue."""
        genres = self.table["genre"].to_pylist()
        rows = self.rows_of_vocabulary(vocabulary)
        return [None if row == NONE else genres[row] for row in rows]

    def newest_episode(self, series_id: str, now: datetime) -> int | None:
        """NV-U4: row of the series' episode published last until now, available or not; None where there is none."""
        number = self.series_number.get(series_id)
        if number is None:
            return None
        rows, starts = self._episodes_by_publication
        own = rows[starts[number] : starts[number + 1]]
        place = int(np.searchsorted(self.published_us[own], microseconds(now), side="right"))
        return int(own[place - 1]) if place else None


def _column(table: pa.Table, name: str, kind: pa.DataType, missing: Any) -> Any:
    values = pc.fill_null(table[name].cast(kind), pa.scalar(missing, kind))
    return values.combine_chunks().to_numpy(zero_copy_only=False)


def _equals_any(table: pa.Table, name: str, values: Any) -> BoolArray:
    found = pc.is_in(table[name].cast(pa.string()), value_set=pa.array(sorted(values), pa.string()))
    result: BoolArray = np.asarray(found.combine_chunks().to_numpy(zero_copy_only=False), dtype=bool)
    return result


def _instants(table: pa.Table, name: str, missing: int) -> IntArray:
    result: IntArray = _column(table, name, pa.timestamp("us"), None).astype("datetime64[us]").astype(np.int64)
    return np.where(
        np.asarray(pc.is_null(table[name]).combine_chunks().to_numpy(zero_copy_only=False)), missing, result
    )


def _series(table: pa.Table, is_video: BoolArray) -> tuple[IntArray, dict[str, int]]:
    """Number the series of serial videos in order of appearance; an empty id is none."""
    number: dict[str, int] = {}
    series = np.full(len(is_video), NONE, dtype=np.int64)
    for row, series_id in enumerate(table["series_id"].to_pylist()):
        if series_id and is_video[row]:
            series[row] = number.setdefault(series_id, len(number))
    return series, number


def _by_publication(series: IntArray, published: IntArray, series_count: int) -> tuple[IntArray, IntArray]:
    serial = np.flatnonzero(series != NONE)
    rows = serial[np.lexsort((serial, published[serial], series[serial]))]
    return rows, np.searchsorted(series[rows], np.arange(series_count + 1))
