"""Plays as columns: who played what, ordered by device and time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core import storage
from core.contracts import exports
from core.errors import StageError
from core.paths import Paths

CodeArray = npt.NDArray[np.int32]
TimeArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Interactions:
    """Rows sorted by (user, time); ``user`` and ``item`` index into ``users`` and ``items``."""

    users: tuple[str, ...]
    items: tuple[str, ...]
    user: CodeArray
    item: CodeArray
    at_ms: TimeArray
    """Epoch milliseconds."""

    def __len__(self) -> int:
        return len(self.user)

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """(users + 1,) row at which each user's interactions start."""
        return np.searchsorted(self.user, np.arange(len(self.users) + 1))

    @cached_property
    def item_counts(self) -> npt.NDArray[np.int64]:
        """(items,) interactions of each item."""
        return np.bincount(self.item, minlength=len(self.items))

    def sequences(self) -> Iterator[list[int]]:
        """Items of each user that has any, oldest first."""
        for start, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            if end > start:
                yield self.item[start:end].tolist()

    def where(self, mask: npt.NDArray[np.bool_]) -> "Interactions":
        """Some of the rows, under the same codes of users and items."""
        return Interactions(self.users, self.items, self.user[mask], self.item[mask], self.at_ms[mask])

    def among(self, items: Sequence[str]) -> "Interactions":
        """The same rows under the codes of a larger vocabulary.

        Args:
            items: sorted as ``from_columns`` sorts them; each item of these rows is among them.
        """
        codes = np.searchsorted(np.asarray(items, dtype=str), np.asarray(self.items, dtype=str)).astype(np.int32)
        return Interactions(self.users, tuple(items), self.user, codes[self.item], self.at_ms)


def from_columns(users: Sequence[str], items: Sequence[str], at_ms: Sequence[int] | TimeArray) -> Interactions:
    """Encode columns; the order of rows of one user at one instant stays as it was given."""
    user_names, user = np.unique(np.asarray(users, dtype=str), return_inverse=True)
    item_names, item = np.unique(np.asarray(items, dtype=str), return_inverse=True)
    times = np.asarray(at_ms, dtype=np.int64)
    order = np.lexsort((times, user))
    return Interactions(
        tuple(user_names.tolist()),
        tuple(item_names.tolist()),
        user[order].astype(np.int32),
        item[order].astype(np.int32),
        times[order],
    )


def training_plays(paths: Paths, as_of: datetime, window_days: int, device_class: str | None = None) -> Interactions:
    """Plays that training may use (NV-T1, NV-T2, NV-T3, with consent), of one device class or of all.

    The export holds them already cut; the window is applied here again, so that a run for an earlier time (a
    backfill) never sees the plays of a later one.

    Raises:
        StageError: the export is missing.
    """
    file = paths.export(exports.FEAT_TRAINING_PLAYS)
    if not file.exists():
        raise StageError(f"training: {file.name} is missing; run the build first")
    end = as_of.replace(tzinfo=None)
    query = """
        select device_key, content_id, epoch_ms(played_at) as at_ms from rows
        where played_at >= $start and played_at < $end and ($class is null or device_class = $class)
        order by device_key, played_at, content_id
    """
    with storage.connect(threads=2) as connection:
        connection.read_parquet(str(file)).create_view("rows")
        parameters = {"start": end - timedelta(days=window_days), "end": end, "class": device_class}
        columns = connection.execute(query, parameters).fetchnumpy()
    return from_columns(columns["device_key"], columns["content_id"], columns["at_ms"])
