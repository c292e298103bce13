"""PRV-3: a device leaves the lake, and serving's own log.

Each step can be done again: whoever is killed in between does all of them once more, with the traces that were found
at first (afterwards they could not be found any more).
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import orjson

from core.device_rows import parquet_files, remove_rows, rewrite
from core.errors import StageError
from core.logs import progress
from core.paths import Paths
from core.privacy import Pseudonyms
from ingestion import ledger, publish
from ingestion.device_traces import Traces
from ingestion.erased import note_erased
from ingestion.fence import Fence, held
from ingestion.giving_way import asked
from ingestion.quarantine import Quarantine

_LOOK_SECONDS = 0.2
_PERSONAL = ("unit_key", "inputs")
"""What a decision record holds of whom it was made for."""


@contextmanager
def right_to_rewrite(paths: Paths, patience_seconds: float) -> Iterator[Fence]:
    """Hold the one right to change the lake, and finish what a killed ingestion left.

    Raises:
        StageError: an ingestion has held it all the time; which process is said.
    """
    ends_at = time.monotonic() + patience_seconds
    with ExitStack() as stack:
        stack.enter_context(asked(paths))
        while True:
            try:
                fence = stack.enter_context(held(paths))
                break
            except StageError:
                if time.monotonic() > ends_at:
                    raise
            time.sleep(_LOOK_SECONDS)
        publish.recover(paths)
        yield fence


def erase_from_lake(
    paths: Paths, pseudonyms: Pseudonyms, fence: Fence, traces: Traces, erased_at: datetime
) -> dict[str, int]:
    """Take a device out of the lake and bar what happened on it until ``erased_at``; returns rows gone by store.

    Events and withdrawals go. Open quarantine entries that are linked to it go and are settled, so that they do not
    open again. Decision records stay as records of nobody: without their unit and without the history that was sent.
    """
    note_erased(paths, pseudonyms, traces.device_key, erased_at)  # first: nothing may come in behind the broom
    for left in paths.lake.rglob(".*.tmp"):  # of an erasure that was killed
        left.unlink()
    keys, units = {traces.device_key}, set(traces.unit_keys)
    gone = {
        "lake/events": _remove(paths.events, keys, "events"),
        "lake/withdrawals": _remove(paths.withdrawals, keys, "withdrawals"),
        "lake/quarantine": _settle(paths, pseudonyms, fence, traces.quarantine_ids, erased_at),
        "lake/decisions": sum(_nobodys_rows(file, units) for file in parquet_files(paths.decisions)),
        "decision_log": sum(_nobodys_lines(file, units) for file in sorted(paths.decision_log.rglob("*.jsonl"))),
    }
    for hour in paths.events.glob("hour=*"):
        if not any(hour.iterdir()):
            hour.rmdir()
    return gone


def _remove(folder: Path, keys: set[str], what: str) -> int:
    files = list(parquet_files(folder))
    if len(files) > 1:
        progress(f"erase: looking through {len(files)} files of {what}")
    return sum(remove_rows(file, keys) for file in files)


def _settle(paths: Paths, pseudonyms: Pseudonyms, fence: Fence, ids: list[str], erased_at: datetime) -> int:
    """Make a commit of it in any case: whoever builds on the lake's head sees that the lake is another one."""
    state = ledger.load(paths)
    batch_id = state.head + 1
    quarantine = Quarantine(paths, pseudonyms, state.resolved)
    for entry_id in ids:
        quarantine.settle(entry_id)
    staging = publish.open_staging(paths, batch_id, fence.token)
    resolved = quarantine.write(staging, batch_id)
    at = erased_at.isoformat()
    entry = ledger.Entry(batch_id, fence.token, at, staging.name, resolved=list(resolved))
    publish.commit(paths, fence, entry)
    return len(resolved)


def _nobodys_rows(file: Path, units: set[str]) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pq.ParquetFile(file).read()
    is_it = pc.is_in(rows["unit_key"], value_set=pa.array(sorted(units)))
    count = int(pc.sum(is_it).as_py() or 0)
    if count:
        for name in set(_PERSONAL) & set(rows.column_names):
            nobodys = pc.if_else(is_it, pa.scalar(None, pa.string()), rows[name])
            rows = rows.set_column(rows.schema.get_field_index(name), name, nobodys)
        rewrite(file, rows)
    return count


def _nobodys_lines(file: Path, units: set[str]) -> int:
    """Overwrite records in place, each by as many bytes: serving may have the file open and be writing behind them."""
    quoted = [f'"{unit}"'.encode() for unit in units]
    place, count = 0, 0
    with file.open("r+b") as log:
        for line in log.read().splitlines(keepends=True):
            if line.endswith(b"\n") and any(unit in line for unit in quoted):
                record = orjson.loads(line)
                if record.get("unit_key") in units:
                    log.seek(place)
                    log.write(orjson.dumps(record | dict.fromkeys(_PERSONAL)).ljust(len(line) - 1))
                    count += 1
            place += len(line)
        log.flush()
        os.fsync(log.fileno())
    return count
