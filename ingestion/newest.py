"""Catalogue and campaigns: of every id the newest line wins; of equally new ones the one delivered later."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.lake import CAMPAIGNS, CATALOGUE
from core.paths import Paths

SCHEMAS = {"catalogue": (CATALOGUE, "content_id"), "campaigns": (CAMPAIGNS, "campaign_id")}


class NewestLines:
    """The current rows of one kind, read from the lake when first needed and written whole with a commit."""

    def __init__(self, kind: str, paths: Paths) -> None:
        self._schema, self._id = SCHEMAS[kind]
        self._target: Path = getattr(paths, kind)
        self._kind = kind
        self._rows: dict[str, dict[str, Any]] | None = None
        self.is_changed = False

    def take(self, row: dict[str, Any], batch_id: int) -> bool:
        """Take a validated row; False if this very row is known already."""
        rows = self._load()
        known = rows.get(row[self._id])
        if known is not None and {**known, "batch_id": 0} == {**row, "batch_id": 0}:
            return False
        if known is None or row["updated_at"] >= known["updated_at"]:
            rows[row[self._id]] = {**row, "batch_id": batch_id}
            self.is_changed = True
        return True

    def write(self, staging: Path) -> None:
        """Write all current rows below ``staging``, sorted by id."""
        rows = sorted(self._load().values(), key=lambda row: str(row[self._id]))
        file = staging / self._kind / "current.parquet"
        file.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=self._schema), file, compression="zstd")
        self.is_changed = False

    def _load(self) -> dict[str, dict[str, Any]]:
        if self._rows is None:
            rows = pq.read_table(self._target).to_pylist() if self._target.exists() else []
            self._rows = {row[self._id]: row for row in rows}
        return self._rows
