"""PRV-3: a device leaves everything that is known of households, whether a live consumer or only batch runs made it."""

from collections.abc import Callable
from datetime import datetime

import pyarrow.parquet as pq

from core.device_rows import blank_cells, count_rows, parquet_files, remove_rows, rewrite
from core.errors import StageError
from core.paths import Paths
from core.settings import Settings
from training.households import erasure, handover, ownership
from training.households.documents import Documents, open_store


def forget_device(settings: Settings, device_key: str, clock: Callable[[], datetime]) -> dict[str, int]:
    """Forget a device after the lake has been cleaned; returns rows gone, by artefact.

    Links and inferences about a household that has no other device go with it.

    Raises:
        StageError: whoever writes the households did not carry it out in time, or the document store is away.
    """
    paths = settings.paths
    if not paths.households.exists():
        return {}
    keys = {device_key}
    gone = {
        f"households/{file.relative_to(paths.households)}": count
        for file in parquet_files(paths.households)
        if (count := count_rows(file, keys))
    }
    alone = _living_alone(paths, device_key)
    if paths.household_checkpoint.exists():
        erasure.erase(settings, [device_key], clock)
    else:  # batch runs only: there is no state to go on from, and what they found of others stays
        with ownership.owned(paths, "erasure"):
            handover.clear(paths, up_to=handover.ALL)
            _take_out(paths, keys | alone)
            _renew_documents(settings)
    _take_out(paths, keys | alone)
    _check_documents(settings, device_key)
    return gone


def _take_out(paths: Paths, keys: set[str]) -> None:
    """From the artefacts themselves: what a checkpoint or a hand-over holds is a state of its own."""
    if paths.household_evidence.exists():
        blank_cells(paths.household_evidence, keys, "co_seen_device_key")  # the row is about the other one
    for file in sorted(paths.households.glob("*.parquet")):
        remove_rows(file, keys)
    if not paths.household_assignments.exists() and paths.household_leases.exists():
        rewrite(paths.household_leases, pq.ParquetFile(paths.household_leases).read().slice(0, 0))


def _living_alone(paths: Paths, device_key: str) -> set[str]:
    """Return the households that consist of this device and nobody else, now or ever."""
    if not paths.household_assignments.exists():
        return set()
    rows = pq.ParquetFile(paths.household_assignments).read(columns=["device_key", "household_id"]).to_pylist()
    own = {row["household_id"] for row in rows if row["device_key"] == device_key}
    return own - {row["household_id"] for row in rows if row["device_key"] != device_key}


def _renew_documents(settings: Settings) -> None:
    paths = settings.paths
    if not (paths.household_assignments.exists() and paths.household_leases.exists()):
        return
    documents = Documents(open_store(settings))
    try:
        assignments, leases = (
            pq.ParquetFile(file).read() for file in (paths.household_assignments, paths.household_leases)
        )
        documents.update(paths, assignments, leases)
    finally:
        documents.close()


def _check_documents(settings: Settings, device_key: str) -> None:
    """Whoever brings the documents up to date goes on without a store that is away: here that is not good enough."""
    store = open_store(settings)
    if store is None:
        return
    try:
        left = [document["_id"] for document in store.of_device(device_key)]
        if left:
            store.remove(left)
        if store.of_device(device_key):
            raise StageError("households: the document store still holds the device; run the erasure again")
    finally:
        store.close()
