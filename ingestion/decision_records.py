"""Serving's decision records on their way into the lake: validated, and each ``decision_id`` once."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from core.contracts.lake import DECISIONS
from core.contracts.landing_fields import EditorialInstant, Text
from core.paths import Paths


class DecisionLine(BaseModel):
    """One line of the decision log (written by serving). ``counts`` is an object here and JSON text in the lake."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    decision_id: Text
    decided_at: EditorialInstant
    route: str
    case: str
    reason: str | None = None
    current: str | None = None
    device_class: str | None = None
    unit_key: str | None = None
    experiment: str | None = None
    arm: str | None = None
    model_name: str | None = None
    model_version: str | None = None
    history_source: str | None = None
    history_count: int | None = None
    counts: Any = None
    items: list[str] = []
    sources: list[str] = []
    scores: list[float | None] = []
    latency_ms: float | None = None
    inputs: Any = None


def decision_row(line: DecisionLine) -> dict[str, Any]:
    return line.model_dump() | {
        "decided_at": line.decided_at.replace(tzinfo=None),
        "counts": json.dumps(line.counts),
        "inputs": None if line.inputs is None else json.dumps(line.inputs),
    }


class DecisionRows:
    """Rows of the batch under way, and which ids the lake has already."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._seen: set[str] | None = None
        self._new: list[dict[str, Any]] = []

    def take(self, row: dict[str, Any]) -> bool:
        """Take a row; False if the lake or the batch has it."""
        if self._seen is None:
            files = sorted(self._paths.decisions.glob("hour=*/*.parquet"))
            self._seen = {
                decision_id
                for file in files
                for decision_id in pq.ParquetFile(file).read(columns=["decision_id"]).column(0).to_pylist()
            }
        if row["decision_id"] in self._seen:
            return False
        self._seen.add(row["decision_id"])
        self._new.append(row)
        return True

    def write(self, staging: Path, batch_id: int) -> None:
        """Write the new rows below ``staging``, one file an hour, and forget them."""
        hours: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self._new:
            hours[row["decided_at"].strftime("%Y-%m-%dT%H")].append({**row, "batch_id": batch_id})
        for hour, rows in hours.items():
            file = staging / "decisions" / f"hour={hour}" / f"{batch_id:08d}.parquet"
            file.parent.mkdir(parents=True)
            rows.sort(key=lambda row: row["decided_at"])
            pq.write_table(pa.Table.from_pylist(rows, schema=DECISIONS), file, compression="zstd")
        self._new = []
