"""What others read: assignments, visits and leases as Parquet, each replaced whole."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.algorithms.households.model import Households
from core.contracts.households import FEED_SEQ
from core.paths import Paths
from core.storage import written_aside

_BATCH = b"batch_id"


def publish(paths: Paths, households: Households, batch_id: int, seq: int | None) -> pa.Table:
    """Write the artefacts as they are after a commit and a step (None: of a batch run); returns the assignments."""
    assignments = households.assignments()
    mark = {_BATCH: str(batch_id).encode()} | ({} if seq is None else {FEED_SEQ: str(seq).encode()})
    tables = (
        (paths.household_leases, households.leases()),
        (paths.household_visits, households.visits()),
        (paths.household_evidence, households.evidence()),
        (paths.household_assignments, assignments),  # last: who reads its mark finds the others as new
    )
    for file, table in tables:
        with written_aside(file) as aside:
            pq.write_table(table.replace_schema_metadata(mark), aside)
    return assignments


def sweep(paths: Paths) -> None:
    """Remove what a killed run left half-written; under the lock only."""
    for left in paths.households.glob(".*.tmp"):
        left.unlink()


def without_devices(paths: Paths, device_keys: list[str]) -> int:
    """Take devices out of every artefact (PRV-3); returns how many rows went."""
    paths.household_evidence.unlink(missing_ok=True)  # names devices that were met, too; the next publication has it
    files = (
        paths.household_assignments,
        paths.household_visits,
        paths.household_inferences,
        paths.household_changes,
    )
    return sum(_without(file, device_keys) for file in files if file.exists())


def homes(assignments: Any) -> dict[str, str]:
    """Return where each device lives now."""
    rows = assignments.filter(pc.is_null(assignments["until_at"]))
    return dict(zip(rows["device_key"].to_pylist(), rows["household_id"].to_pylist(), strict=True))


def published_homes(paths: Paths) -> dict[str, str]:
    """Return where each device lives by what is published; empty where nothing is."""
    file = paths.household_assignments
    return homes(pq.ParquetFile(file).read()) if file.exists() else {}


def _without(file: Path, device_keys: list[str]) -> int:
    rows = pq.ParquetFile(file).read()
    keys = set(device_keys)
    is_kept = pa.array([key not in keys for key in rows["device_key"].to_pylist()], pa.bool_())
    kept = rows.filter(is_kept)
    if kept.num_rows < rows.num_rows:
        with written_aside(file) as aside:
            pq.write_table(kept, aside)
    return int(rows.num_rows - kept.num_rows)
