"""Lines that were refused: kept with file, line, reason and the masked text (LOG-4), never lost and never twice.

The lake's quarantine holds the open entries. One that is settled (its torn line was completed, or it was taken in again
after a fix) leaves it and is remembered by the ledger, so that it does not open again when its file comes again.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.lake import QUARANTINE
from core.paths import Paths
from core.privacy import Pseudonyms, mask

MAX_RAW = 4000  # characters kept of a line
_HAS_ID = re.compile(rb'"(?:event_id|content_id|campaign_id|decision_id)"\s*:\s*"[^"]+"')


@dataclass(frozen=True)
class Line:
    """Where a refused line stands, and its raw text. ``file`` may name a topic and partition, ``number`` an offset."""

    kind: str
    file: str
    number: int
    text: bytes


class Quarantine:
    """Open entries in the lake, entries of the batch under way, and what is settled."""

    def __init__(self, paths: Paths, pseudonyms: Pseudonyms, settled: set[str]) -> None:
        self._paths = paths
        self._pseudonyms = pseudonyms
        self._settled = settled
        self._open = _open_ids(paths)
        self._new: list[dict[str, Any]] = []
        self._resolved: list[str] = []

    @property
    def is_changed(self) -> bool:
        return bool(self._new or self._resolved)

    def id_of(self, line: Line) -> str:
        """Name of a refused line: with an id in it it is the same wherever it stands, else only in its place."""
        text = line.text.strip()
        place = b"" if _HAS_ID.search(text) else f"{line.file}\0{line.number}\0".encode()
        return "q" + self._pseudonyms.line_key(line.kind.encode() + b"\0" + place + text)[1:]

    def add(self, line: Line, reason: str, field: str | None, message: str, as_of: datetime) -> bool:
        """Keep a refused line; False if it is known already."""
        entry_id = self.id_of(line)
        if entry_id in self._open or entry_id in self._settled:
            return False
        self._open[entry_id] = None
        self._new.append(
            {
                "quarantine_id": entry_id,
                "kind": line.kind,
                "file": mask(line.file),
                "line": line.number,
                "reason": reason,
                "field": field,
                "message": message,
                "raw": mask(line.text[: MAX_RAW * 4].decode("utf-8", errors="replace"))[:MAX_RAW],
                "quarantined_at": as_of.replace(tzinfo=None),
            }
        )
        return True

    def settle(self, entry_id: str) -> bool:
        """Close an open entry; False if there is none."""
        if entry_id not in self._open or entry_id in self._resolved:
            return False
        self._resolved.append(entry_id)
        return True

    def write(self, staging: Path, batch_id: int) -> list[str]:
        """Write new entries, and older files without what is settled, below ``staging``; return the settled ids."""
        resolved = set(self._resolved)
        rows = [{**row, "batch_id": batch_id} for row in self._new if row["quarantine_id"] not in resolved]
        if rows:
            _write(staging / "quarantine" / f"{batch_id:08d}.parquet", rows)
        for file in {Path(name) for entry_id in resolved if (name := self._open.get(entry_id))}:
            kept = [row for row in pq.read_table(file).to_pylist() if row["quarantine_id"] not in resolved]
            _write(staging / "quarantine" / file.name, kept)
        return self._resolved

    def committed(self, batch_id: int) -> None:
        """The batch is in place: its entries are open ones like all others."""
        name = str(self._paths.quarantine / f"{batch_id:08d}.parquet")
        self._open.update({row["quarantine_id"]: name for row in self._new})
        for entry_id in self._resolved:
            self._open.pop(entry_id, None)
            self._settled.add(entry_id)
        self._new, self._resolved = [], []


def _write(file: Path, rows: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=QUARANTINE), file, compression="zstd")


def _open_ids(paths: Paths) -> dict[str, str | None]:
    """Open entries and the file each lies in."""
    found: dict[str, str | None] = {}
    for file in sorted(paths.quarantine.glob("*.parquet")):
        ids = pq.read_table(file, columns=["quarantine_id"]).column(0).to_pylist()
        found.update(dict.fromkeys(ids, str(file)))
    return found


def open_entries(paths: Paths) -> list[dict[str, Any]]:
    """Return all open entries, oldest first."""
    entries = [row for file in sorted(paths.quarantine.glob("*.parquet")) for row in pq.read_table(file).to_pylist()]
    return sorted(entries, key=lambda row: (row["quarantined_at"], row["kind"], row["file"], row["line"]))


def count_by_reason(paths: Paths) -> dict[str, int]:
    """Return how many entries are open, by reason."""
    return dict(sorted(Counter(row["reason"] for row in open_entries(paths)).items()))
