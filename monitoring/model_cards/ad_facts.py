"""What is known of ad decisions, counted for the card: nothing about a single device or household."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.algorithms.ads.pacing import PacingParameters
from core.algorithms.ads.rules import AdRules, load_ad_rules
from core.contracts import exports
from core.settings import Settings
from core.storage import read_rows

_RUNNING = "select impressions, target from rows where starts_at <= $as_of and ends_at > $as_of"
_KINDS = ("categories", "age_groups", "gender", "income", "linked_categories", "months")


@dataclass(frozen=True)
class AdFacts:
    """Counts at the time of the card; what is not there yet is None or empty."""

    rules: AdRules
    pacing: PacingParameters
    campaigns: int
    """That run now."""
    booked: int
    """Impressions, over their whole time."""
    targets: dict[str, int] = field(default_factory=dict)
    """Campaigns by what they target; ``none`` for the run of network. A campaign may count for several."""
    consented_devices: int | None = None
    """Devices in households with consent to advertising (PRV-2)."""


def ad_facts(settings: Settings, as_of: datetime) -> AdFacts | None:
    """Count what there is; None where no campaign was ever delivered to the lake.

    Raises:
        UserError: ``config/ad_decision/rules.yaml`` is wrong.
    """
    as_run = settings.paths.ads.campaigns_as_run
    file = as_run if as_run.exists() else settings.paths.campaigns
    if not file.exists():
        return None
    running = read_rows(file, _RUNNING, as_of=as_of.astimezone(UTC).replace(tzinfo=None))
    targets = dict.fromkeys((*_KINDS, "none"), 0)
    for row in running:
        target = json.loads(row["target"] or "{}") or {}
        wanted = [kind for kind in _KINDS if target.get(kind)]
        for kind in wanted or ["none"]:
            targets[kind] += 1
    devices = settings.paths.export(exports.FEAT_HOUSEHOLD_DEVICE)
    known = read_rows(devices, "select count(*) as devices from rows")[0] if devices.exists() else None
    return AdFacts(
        rules=load_ad_rules(settings.config),
        pacing=PacingParameters(),
        campaigns=len(running),
        booked=_booked(running),
        targets={kind: number for kind, number in targets.items() if number},
        consented_devices=known["devices"] if known else None,
    )


def _booked(running: list[dict[str, Any]]) -> int:
    return sum(row["impressions"] for row in running)
