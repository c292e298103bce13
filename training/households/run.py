"""The batch: everything in the lake becomes households at once, by the same algorithm as live (HH-1, HH-2, HH-5)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.households.change import Change
from core.algorithms.households.model import Households
from core.contracts.households import CHANGES
from core.logs import progress
from core.settings import Settings
from core.storage import written_aside
from training.households import handover, ownership, publication, sightings

_WHO = "batch"
_NEVER_TOLD = 0
"""The feed's number in artefacts that a batch run has written: no step of the feed is in them."""


@dataclass(frozen=True)
class ClusterReport:
    """What a run found."""

    events: int
    sightings: int
    devices: int
    households: int
    changes: int
    is_handed_over: bool
    """True: the live consumer runs and publishes this itself."""
    left_out: dict[str, int]
    """What proved nothing, by rule: crowded and shared addresses (a day), devices behind them, too large households."""


def cluster(settings: Settings, as_of: datetime, engine: sightings.Engine = "duckdb") -> ClusterReport:
    """Cluster the whole lake as of a time (aware), publish the artefacts, and leave the state to the live consumer.

    Households keep the ids of the run before; a second run over the same lake changes nothing. ``engine`` prepares the
    evidence: DuckDB or Spark, by the same dbt model, to the same households.

    Raises:
        StageError: the lake is being written by another version of this program, or Spark is not installed or failed.
    """
    paths = settings.paths
    batch_id = sightings.newest_batch(paths)
    households, counts = clustered(settings, as_of, batch_id, engine)
    before = _last_homes(settings)
    if before:
        households.keep_ids(before)
    changes = households.refresh(_milliseconds(as_of))
    with ownership.tried(paths, _WHO) as holder:
        if holder is None:
            publication.publish(paths, households, batch_id, _NEVER_TOLD)
            _write_changes(settings, changes)
        else:
            progress(f"households: {holder} runs and takes this over")
    handed = handover.hand_over(paths, households, batch_id, as_of)
    if holder is None:
        _clear_older(settings, handed.name)
    homes = households.ids()
    found = len(set(homes.values()))
    progress(f"households: {len(homes)} devices in {found} households, {len(changes)} changes")
    return ClusterReport(
        counts.events, counts.sightings, len(homes), found, len(changes), holder is not None, households.crowds()
    )


def clustered(
    settings: Settings, as_of: datetime, batch_id: int, engine: sightings.Engine = "duckdb"
) -> tuple[Households, sightings.Counts]:
    """Put the lake's evidence up to a commit and a time into a new state; it is not refreshed yet."""
    households = Households()
    until = as_of + timedelta(minutes=settings.ingestion.future_tolerance_minutes)
    counts = sightings.observe_lake(settings, households, batch_id, until, engine)
    progress(f"households: {counts.events} events are {counts.sightings} sightings")
    return households, counts


def _last_homes(settings: Settings) -> dict[str, str]:
    """Return the household of each device by what is published, of those too whose consent was withdrawn."""
    file = settings.paths.household_assignments
    if not file.exists():
        return {}
    rows = pq.ParquetFile(file).read(["device_key", "household_id", "from_at"]).sort_by("from_at")
    return dict(zip(rows["device_key"].to_pylist(), rows["household_id"].to_pylist(), strict=True))


def _write_changes(settings: Settings, changes: list[Change]) -> None:
    """Write what this run changed (CHANGES)."""
    rows = [
        {
            "change": change.change,
            "household_id": change.household_id,
            "device_key": change.device_key,
            "other_household_id": change.other_household_id,
            "at": datetime.fromtimestamp(change.at_ms / 1000, UTC).replace(tzinfo=None),
            "reason": change.reason,
        }
        for change in changes
    ]
    with written_aside(settings.paths.household_changes) as aside:
        pq.write_table(pa.Table.from_pylist(rows, schema=CHANGES), aside)


def _clear_older(settings: Settings, newest: str) -> None:
    """Keep one state for the live consumer's next start; nobody else takes the older ones up."""
    older = [waiting.name for waiting in handover.waiting(settings.paths) if waiting.name < newest]
    if older:
        handover.clear(settings.paths, up_to=older[-1])


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
