"""What is known of households, counted for the card: nothing about a single device or household."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.algorithms.households.inference_settings import NOT_SURE, InferenceSettings, load_inference_settings
from core.algorithms.households.links_settings import LinkParameters, load_link_parameters
from core.errors import StageError
from core.settings import Settings
from core.storage import read_rows

_NOW = "from_at <= $as_of and (until_at is null or until_at > $as_of)"
_SIZES = f"""
    with homes as (
        select household_id, count(distinct device_key) as size from rows where {_NOW} group by household_id
    )
    select size, count(*) as households from homes group by size order by size
"""
_TOTALS = f"""
    select count(distinct device_key) as devices, coalesce(avg(confidence), 0) as confidence,
        count(distinct household_id) filter (not is_separable) as unseparable
    from rows where {_NOW}
"""
_KINDS = "select kind, count(*) as leases from rows group by kind order by kind"
_LINKS = """
    select count(*) as links, coalesce(median(weight), 0) as weight, coalesce(median(visit_days), 0) as visit_days,
        count(*) filter (shared_lift_low > 1) as strengthened
    from rows
"""
_ANSWERS = "select what, value, count(*) as n from rows group by all order by what, value"


@dataclass(frozen=True)
class HouseholdFacts:
    """Counts as of the last clustering; what is not there yet is None or empty."""

    sizes: dict[int, int]
    """Devices a household to households."""
    devices: int
    confidence: float
    """Mean of the devices' assignments, 0..1."""
    unseparable: int
    """Households behind a router that may serve more than one."""
    lease_kinds: dict[str, int] = field(default_factory=dict)
    links: dict[str, float] | None = None
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    """By what is inferred, then by answer, "not sure" among them."""
    evaluation: dict[str, Any] | None = None
    """What ``households evaluate`` wrote last: always over simulated data, as no other has a truth."""
    rules: InferenceSettings | None = None
    link_rules: LinkParameters | None = None

    @property
    def households(self) -> int:
        return sum(self.sizes.values())

    def sure_share(self, what: str) -> float | None:
        """Share of answers of a kind that are not "not sure"; None where there is none at all."""
        total = sum(self.answers.get(what, {}).values())
        return 1 - self.answers[what].get(NOT_SURE, 0) / total if total else None


def household_facts(settings: Settings, as_of: datetime) -> HouseholdFacts | None:
    """Count what the last clustering wrote; None where nothing was clustered yet.

    Raises:
        UserError: a file of ``config/households`` is wrong.
        StageError: the figures of the evaluation cannot be read.
    """
    paths = settings.paths
    if not paths.household_assignments.exists():
        return None
    now = as_of.astimezone(UTC).replace(tzinfo=None)
    (totals,) = read_rows(paths.household_assignments, _TOTALS, as_of=now)
    answers: dict[str, dict[str, int]] = {}
    for row in _rows(paths.household_inferences, _ANSWERS):
        answers.setdefault(row["what"], {})[row["value"]] = row["n"]
    links = _rows(paths.household_links, _LINKS)
    return HouseholdFacts(
        sizes={row["size"]: row["households"] for row in read_rows(paths.household_assignments, _SIZES, as_of=now)},
        devices=totals["devices"],
        confidence=totals["confidence"],
        unseparable=totals["unseparable"],
        lease_kinds={row["kind"]: row["leases"] for row in _rows(paths.household_leases, _KINDS)},
        links=links[0] if links else None,
        answers=answers,
        evaluation=_evaluation(paths.household_evaluation),
        rules=load_inference_settings(settings.config),
        link_rules=load_link_parameters(settings.config),
    )


def _rows(file: Path, query: str) -> list[dict[str, Any]]:
    return read_rows(file, query) if file.exists() else []


def _evaluation(file: Path) -> dict[str, Any] | None:
    if not file.exists():
        return None
    try:
        figures: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(f"model card: {file} cannot be read: {error}") from None
    return figures
