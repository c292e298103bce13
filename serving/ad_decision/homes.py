"""Where devices live and what is inferred of them, for a million households: sorted arrays, found by bisection.

A snapshot of the household artefacts (``core.contracts.households``), replaced whole. 26 bytes a device and some
numbers instead of Python objects: three million devices take some 150 MB, and a look takes microseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int16]
_NONE = -1


@dataclass(frozen=True)
class Trait:
    """What is known of devices or households: a code each, -1 where nothing is."""

    values: tuple[str, ...]
    codes: Codes

    def of(self, row: int) -> str | None:
        code = int(self.codes[row])
        return None if code == _NONE else self.values[code]


@dataclass(frozen=True)
class Homes:
    """Devices that live somewhere now, sorted by key, and their households, sorted by id."""

    device_keys: npt.NDArray[np.bytes_]
    home: npt.NDArray[np.int32]
    """Row of each device's household."""
    household_ids: npt.NDArray[np.bytes_]
    _members: npt.NDArray[np.int32]
    """Device rows by household, and where each household begins."""
    _begins: npt.NDArray[np.int64]
    former: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Devices that lived last in a household that is no more, by its id."""

    @staticmethod
    def of(assignments: pa.Table) -> "Homes":
        """From ``ASSIGNMENTS``; of a device with two open rows the newer counts."""
        is_open = pc.is_null(assignments["until_at"])
        rows = assignments.filter(is_open).sort_by([("device_key", "ascending"), ("from_at", "ascending")])
        keys = _texts(rows["device_key"])
        is_last = np.append(keys[1:] != keys[:-1], True) if len(keys) else np.zeros(0, bool)
        keys, ids = keys[is_last], _texts(rows["household_id"])[is_last]
        household_ids, home = np.unique(ids, return_inverse=True)
        order = np.argsort(home, kind="stable").astype(np.int32)
        begins = np.searchsorted(home[order], np.arange(len(household_ids) + 1))
        former = _former(assignments.filter(pc.invert(is_open)), household_ids)
        return Homes(keys, home.astype(np.int32), household_ids, order, begins, former)

    def device(self, device_key: str) -> int | None:
        return row_of(self.device_keys, device_key)

    def household(self, household_id: str) -> int | None:
        return row_of(self.household_ids, household_id)

    def members(self, household: int) -> list[str]:
        """Keys of all devices that live there."""
        rows = self._members[self._begins[household] : self._begins[household + 1]]
        return [key.decode() for key in self.device_keys[rows].tolist()]


def row_of(sorted_texts: npt.NDArray[np.bytes_], text: str) -> int | None:
    """Where a text stands in a sorted array; None where it does not."""
    raw = text.encode()
    place = int(np.searchsorted(sorted_texts, np.bytes_(raw)))
    return place if place < len(sorted_texts) and sorted_texts[place] == raw else None


def trait(found: Any, names: npt.NDArray[np.bytes_], key: str, least: float) -> Trait:
    """Codes in the order of ``names`` from rows of ``INFERENCES`` of one kind; unsure ones are left out (PRV-5)."""
    rows = found.filter(pc.and_(pc.greater_equal(found["confidence"], least), pc.not_equal(found["value"], "not sure")))
    codes = np.full(len(names), _NONE, np.int16)
    if rows.num_rows == 0 or len(names) == 0:
        return Trait((), codes)
    texts = _texts(rows[key])
    places = np.minimum(np.searchsorted(names, texts), len(names) - 1)
    is_known = names[places] == texts
    values = rows["value"].combine_chunks().dictionary_encode()
    codes[places[is_known]] = values.indices.to_numpy()[is_known]
    return Trait(tuple(values.dictionary.to_pylist()), codes)


def _former(closed: Any, open_ids: npt.NDArray[np.bytes_]) -> dict[str, list[str]]:
    ids = _texts(closed["household_id"])
    if len(ids) == 0:
        return {}
    is_gone = ~np.isin(ids, open_ids)
    former: dict[str, list[str]] = {}
    for household, device in zip(ids[is_gone].tolist(), _texts(closed["device_key"])[is_gone].tolist(), strict=True):
        former.setdefault(household.decode(), []).append(device.decode())
    return former


def _texts(column: Any) -> npt.NDArray[np.bytes_]:
    """Texts as bytes of one width; keys all have the same length, so that no Python object is made for them."""
    array = pc.cast(column, pa.binary())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    lengths = pc.binary_length(array)
    width = pc.max(lengths).as_py() or 1
    if len(array) and pc.min(lengths).as_py() == width:
        raw = pa.concat_arrays([array]).cast(pa.binary(width))
        buffer = np.frombuffer(raw.buffers()[1], dtype=f"S{width}")
        return np.asarray(buffer[raw.offset : raw.offset + len(raw)])
    return np.array(array.to_pylist(), dtype=f"S{width}")
