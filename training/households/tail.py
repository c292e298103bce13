"""The lake in the order of its commits: what the live consumer takes, batch by batch.

A ledger entry without a staging folder is a commit whose files are all in place. A file of the lake is named after its
batch; folders that have not changed since they were last listed are not listed again.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.clock import parse_instant
from core.errors import StageError, UserError
from core.paths import Paths

_COLUMNS = [
    "happened_at", "device_key", "address_key", "user_key", "device_class", "is_mac_local", "content_id",
    "has_personalisation_consent",
]  # fmt: skip
_LISTED_AHEAD = 1000
_RACY_NS = 2_000_000_000
"""A folder that changed so shortly before it was listed may have changed again within the same tick of its clock."""


_JOINED = (
    "at_ms", "device_keys", "address_keys", "user_keys", "device_classes", "is_mac_local", "content_ids", "withdrawals",
)  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """A commit's events with consent to personalisation, in the order of the files, or several; parallel columns."""

    batch_id: int
    as_of: datetime
    at_ms: list[int] = field(default_factory=list)
    device_keys: list[str] = field(default_factory=list)
    address_keys: list[str] = field(default_factory=list)
    user_keys: list[str | None] = field(default_factory=list)
    device_classes: list[str] = field(default_factory=list)
    is_mac_local: list[bool | None] = field(default_factory=list)
    content_ids: list[str | None] = field(default_factory=list)
    withdrawals: list[tuple[str, int]] = field(default_factory=list)
    """(device_key, epoch ms)"""

    events_kept_from_ms: int = 0
    """Retention dropped what is older from the lake (PRV-4); 0: it dropped nothing."""

    def joined(self, later: "Batch") -> "Batch":
        """Return this batch and the one after it as one; takes over this one's columns."""
        for name in _JOINED:
            getattr(self, name).extend(getattr(later, name))
        kept_from_ms = max(self.events_kept_from_ms, later.events_kept_from_ms)
        as_of = max(self.as_of, later.as_of)
        return replace(self, batch_id=later.batch_id, as_of=as_of, events_kept_from_ms=kept_from_ms)

    @property
    def is_empty(self) -> bool:
        return not (self.device_keys or self.withdrawals or self.events_kept_from_ms)


class Tail:
    """Reads batch after batch; keeps in mind which files wait for which batch."""

    def __init__(self, paths: Paths, clock: Callable[[], datetime]) -> None:
        self._paths = paths
        self._clock = clock
        self._seen: dict[str, int] = {}  # folder -> its change time when it was listed, 0 where that says nothing
        self._waiting: dict[int, set[Path]] = {}
        self._listed_upto = 0

    def has_next(self, after: int) -> bool:
        """Tell whether the commit after this one is in place. Cheap: asked many times a second."""
        return self._entry(after + 1).exists() and not self._is_staged(after + 1)

    def next(self, after: int) -> Batch | None:
        """Return the batch after this one; None where there is none yet.

        Raises:
            StageError: the ledger's entry is damaged.
        """
        if not self.has_next(after):
            return None
        batch_id = after + 1
        as_of, kept_from_ms = self._read_entry(batch_id)
        batch = Batch(batch_id, as_of, events_kept_from_ms=kept_from_ms)
        for file in self._files(batch_id):
            self._read(file, batch)
        return batch

    def next_some(self, after: int, max_events: int) -> Batch | None:
        """Return the batches after this one that are there, as one, until it has so many events or more."""
        batch = self.next(after)
        while batch is not None and len(batch.device_keys) < max_events:
            later = self.next(batch.batch_id)
            if later is None:
                break
            batch = batch.joined(later)
        return batch

    def upto(self, last: int, after: int) -> Batch | None:
        """Return the batches up to one, after another, as one; None if they are not all there."""
        batch = self.next(after)
        while batch is not None and batch.batch_id < last:
            later = self.next(batch.batch_id)
            batch = None if later is None else batch.joined(later)
        return batch

    def _entry(self, batch_id: int) -> Path:
        return self._paths.ledger / f"{batch_id:012d}.json"

    def _is_staged(self, batch_id: int) -> bool:
        staging = self._paths.lake / ".staging"
        prefix = f"{batch_id:012d}-"
        return staging.is_dir() and any(folder.name.startswith(prefix) for folder in staging.iterdir())

    def _read_entry(self, batch_id: int) -> tuple[datetime, int]:
        """Return the time of a commit, and from when on events are kept since."""
        file = self._entry(batch_id)
        try:
            entry = json.loads(file.read_text())
            hour = entry.get("dropped_before", {}).get("events")
            kept_from = datetime.fromisoformat(hour).replace(tzinfo=UTC).timestamp() if hour else 0
            return parse_instant(entry["as_of"]), int(kept_from * 1000)
        except (ValueError, KeyError, TypeError, UserError):
            raise StageError(f"ledger: {file} is damaged; restore it from a backup") from None

    def _files(self, batch_id: int) -> list[Path]:
        if batch_id > self._listed_upto:
            self._list_all(batch_id)
        for old in [number for number in self._waiting if number < batch_id]:
            del self._waiting[old]
        return sorted(self._waiting.pop(batch_id, ()))

    def _list_all(self, batch_id: int) -> None:
        """Note where the files are of this batch, and of the next ones that are in place by now."""
        newest = batch_id
        while newest - batch_id < _LISTED_AHEAD and self.has_next(newest):
            newest += 1
        self._list(self._paths.withdrawals, batch_id)
        if self._paths.events.is_dir():
            with os.scandir(self._paths.events) as hours:
                for hour in hours:
                    self._list(Path(hour.path), batch_id, hour.stat().st_mtime_ns)
        self._listed_upto = newest

    def _list(self, folder: Path, first: int, changed_ns: int | None = None) -> None:
        """Note the files of batches from ``first`` on in a folder that has changed."""
        try:
            changed_ns = folder.stat().st_mtime_ns if changed_ns is None else changed_ns
            if self._seen.get(str(folder)) == changed_ns:
                return
            is_racy = abs(self._clock().timestamp() * 1e9 - changed_ns) < _RACY_NS
            names = [file.name for file in folder.iterdir()]
        except FileNotFoundError:
            return
        for name in names:
            if name.endswith(".parquet") and (number := int(name.removesuffix(".parquet").split("_")[0])) >= first:
                self._waiting.setdefault(number, set()).add(folder / name)
        self._seen[str(folder)] = 0 if is_racy else changed_ns

    def _read(self, file: Path, batch: Batch) -> None:
        """Retention may have taken the file, or an erasure the rows: then there is nothing to take any more."""
        try:
            if file.parent == self._paths.withdrawals:
                _take_withdrawals(pq.ParquetFile(file).read(use_threads=False), batch)
            else:
                _take_events(pq.ParquetFile(file).read(_COLUMNS, use_threads=False), batch)
        except FileNotFoundError:
            return


def _take_withdrawals(rows: pa.Table, batch: Batch) -> None:
    rows = rows.filter(pc.equal(rows["purpose"], "personalisation"))
    batch.withdrawals.extend(zip(rows["device_key"].to_pylist(), _milliseconds(rows["withdrawn_at"]), strict=True))


def _take_events(rows: pa.Table, batch: Batch) -> None:
    known = pc.and_(pc.is_valid(rows["device_key"]), pc.is_valid(rows["address_key"]))
    consent = pc.fill_null(rows["has_personalisation_consent"], False)
    rows = rows.filter(pc.and_(known, consent))
    batch.at_ms.extend(_milliseconds(rows["happened_at"]))
    taken: tuple[tuple[list[Any], str], ...] = (
        (batch.device_keys, "device_key"),
        (batch.address_keys, "address_key"),
        (batch.user_keys, "user_key"),
        (batch.device_classes, "device_class"),
        (batch.is_mac_local, "is_mac_local"),
        (batch.content_ids, "content_id"),
    )
    for column, name in taken:
        column.extend(rows[name].to_pylist())


def _milliseconds(column: pa.ChunkedArray) -> list[int]:
    values: list[int] = pc.divide(column.cast(pa.int64()), 1000).to_pylist()
    return values
