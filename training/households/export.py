"""What others are handed: who lives where, and which households know each other, as JSON lines (contract)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core.errors import StageError
from core.paths import Paths
from core.storage import read_rows

MIN_VISIT_DAYS = 2
_HOMES = """
    select device_key, household_id, from_at, until_at
    from rows
    where $at is null or (from_at <= $at and (until_at is null or until_at > $at))
    order by device_key, from_at
"""
_LINKS = """
    select household_a, household_b, weight, evidence
    from rows
    where visit_days >= $least
    order by weight desc, household_a, household_b
"""


def exported_homes(paths: Paths, at: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Yield who lives where from when until when; with ``at`` (aware) only what was so at that time.

    Raises:
        StageError: nothing was clustered yet.
    """
    if not paths.household_assignments.exists():
        raise StageError(
            "households: nothing was clustered yet; run mediathek pipeline or mediathek households cluster"
        )
    bound = None if at is None else at.astimezone(UTC).replace(tzinfo=None)
    for row in read_rows(paths.household_assignments, _HOMES.replace("$at is", "$at::timestamp is"), at=bound):
        yield {
            "device_key": row["device_key"],
            "household_id": row["household_id"],
            "from": _text(row["from_at"]),
            "until": _text(row["until_at"]),
        }


def exported_links(paths: Paths) -> Iterator[dict[str, Any]]:
    """Yield the links: at least two visits on different days.

    Raises:
        StageError: there are no links yet.
    """
    if not paths.household_links.exists():
        raise StageError("households: there are no links yet; run mediathek pipeline")
    yield from read_rows(paths.household_links, _LINKS, least=MIN_VISIT_DAYS)


def _text(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
