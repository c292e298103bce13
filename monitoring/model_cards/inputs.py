"""Everything a card is made from, read once from where the running system keeps it. What is missing is None."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.algorithms.experiments import Experiment, read_experiments
from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.numbering.corrections import read_corrections
from core.algorithms.next_video.numbering.entry import HIGH
from core.algorithms.next_video.rules import Rules, load_rules
from core.contracts import exports
from core.contracts.lake import CATALOGUE
from core.contracts.origin import DataOrigin, data_origin
from core.errors import StageError
from core.settings import Settings
from core.storage import read_rows
from monitoring.bias.figures import BiasReport, latest_report, require_meaning
from monitoring.model_cards.ad_facts import AdFacts, ad_facts
from monitoring.model_cards.champion import ChampionInfo, champion
from monitoring.model_cards.detector_facts import DetectorFacts, detector_facts
from monitoring.model_cards.household_facts import HouseholdFacts, household_facts

_SERIES = """
    select count(*) filter (kind = 'video') as videos,
           count(*) filter (kind = 'video' and is_serial) as serial_videos,
           count(distinct series_id) filter (kind = 'video' and is_serial) as series,
           count(distinct series_id) filter (kind = 'video' and is_serial and has_doubtful_metadata) as doubtful
    from rows
"""
_HIDDEN = """
    select coalesce(reason, "case") as reason, sum(decision_count)::bigint as answers
    from rows group by all order by reason
"""
_ANSWERS = """
    select coalesce(sum(decision_count), 0)::bigint as answers, max(p99_latency_ms) as latency from rows
"""
_VOLUME = """
    select coalesce(sum(watched_s), 0) / 3600 as hours, coalesce(sum(attributed_watched_s), 0) / 3600 as attributed
    from rows
"""


@dataclass(frozen=True)
class Decisions:
    """Serving's answers so far: how many, the slowest hour's p99, and counts by reason (hidden) or case (shown)."""

    answers: int
    latency_ms: float | None
    by_reason: dict[str, int]


@dataclass(frozen=True)
class Inputs:
    """The objects that run, at one moment."""

    settings: Settings
    as_of: datetime
    rules: Rules
    experiments: tuple[Experiment, ...]
    """Those that run at ``as_of``."""
    champion: ChampionInfo | None
    manifest: dict[str, Any] | None
    series: dict[str, int] | None
    funnel: list[dict[str, Any]] | None
    decisions: Decisions | None
    volume: dict[str, float] | None
    bias: BiasReport | None
    drift: dict[str, Any] | None
    data_origin: DataOrigin
    households: HouseholdFacts | None = None
    ads: AdFacts | None = None
    caps: dict[str, Any] | None = None
    """The newest recount of caps, as ``monitoring.caps`` wrote it."""
    detector: DetectorFacts | None = None
    refused_experiments: tuple[str, ...] = ()
    """What is wrong with experiments' files: serving goes on with their last good version, which nobody else knows."""


def gather(settings: Settings, as_of: datetime) -> Inputs:
    """Read what the cards are made from.

    Raises:
        UserError: the rules are wrong (the message names the field).
        StageError: a report is there but cannot be read, or a bias figure in it is empty or constant.
    """
    experiments, refused = read_experiments(settings.config / "experiments")
    serving = champion(settings)
    rules = load_rules(settings.config / "next_video" / "rules.yaml")
    series = _series(settings, rules)
    return Inputs(
        settings=settings,
        as_of=as_of,
        rules=rules,
        experiments=tuple(each for each in experiments if each.is_running(as_of)),
        refused_experiments=refused,
        champion=serving,
        manifest=serving.manifest() if serving else None,
        series=series if series and series["videos"] else None,
        funnel=_rows(settings, exports.RPT_FUNNEL, "select * from rows order by step_number, device_class"),
        decisions=_decisions(settings),
        volume=_first(settings, exports.RPT_VIEWING_VOLUME, _VOLUME),
        bias=_bias(settings),
        drift=newest_report(settings.paths.reports / "drift"),
        data_origin=data_origin(settings.paths, settings.card.data_origin),
        households=household_facts(settings, as_of),
        ads=ad_facts(settings, as_of),
        caps=newest_report(settings.paths.reports / "caps"),
        detector=detector_facts(settings.paths),
    )


def newest_report(folder: Path) -> dict[str, Any] | None:
    """Return the newest ``report.json`` of a kind, or None where there is none.

    Raises:
        StageError: the file is no JSON object.
    """
    files = sorted(folder.glob("*/report.json"))
    if not files:
        return None
    try:
        report: dict[str, Any] = json.loads(files[-1].read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(f"model card: {files[-1]} cannot be read: {error}") from None
    return report


def _rows(settings: Settings, model: str, query: str) -> list[dict[str, Any]] | None:
    file = settings.paths.export(model)
    return (read_rows(file, query) or None) if file.exists() else None


def _first(settings: Settings, model: str, query: str) -> dict[str, Any] | None:
    rows = _rows(settings, model, query)
    return rows[0] if rows else None


def _series(settings: Settings, rules: Rules) -> dict[str, Any] | None:
    """Counts of videos and series; ``doubtful`` are those in which the resolver is not sure of every number (NV-K1)."""
    counted = _first(settings, exports.DIM_CONTENT, _SERIES)
    if counted is None or not settings.paths.catalogue.exists():
        return counted
    table = pq.read_table(settings.paths.catalogue, columns=CATALOGUE.names, partitioning=None)
    numbers = Catalogue.from_table(table, rules, read_corrections(settings.paths.series_corrections)).numbers
    doubtful = sum(
        any(numbers.resolved[entry.row].confidence < HIGH for entry in entries) for entries in numbers.entries.values()
    )
    return counted | {"doubtful": doubtful}


def _decisions(settings: Settings) -> Decisions | None:
    totals = _first(settings, exports.RPT_DECISIONS, _ANSWERS)
    if not totals or not totals["answers"]:
        return None
    by_reason = _rows(settings, exports.RPT_DECISIONS, _HIDDEN) or []
    return Decisions(totals["answers"], totals["latency"], {row["reason"]: row["answers"] for row in by_reason})


def _bias(settings: Settings) -> BiasReport | None:
    report = latest_report(settings.paths)
    if report is not None:
        require_meaning(report, settings.paths.report("bias", report.as_of))
    return report
