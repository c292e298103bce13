"""Drift (OPS-1): this week against the week before, by Evidently; more of it than the bound raises an alert."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.json_form import json_form
from core.paths import Paths
from core.settings import Settings
from core.storage import write_text
from monitoring import alerts
from monitoring.drift_tables import CATEGORICAL, NUMERICAL, WEEK, Sides, read
from monitoring.evidently_quiet import evidently_quiet
from monitoring.model_cards.champion import champion
from monitoring.pages import headed, render

if TYPE_CHECKING:
    import pandas as pd

KIND = "drift"
NUMERICAL_METHOD = "wasserstein"
"""Earth mover's distance over the reference's standard deviation; 0.1 is a tenth of a deviation."""
CATEGORICAL_METHOD = "jensenshannon"
THRESHOLD = 0.1


@dataclass(frozen=True)
class ColumnDrift:
    """How far one column moved: a distance (0: not at all), drifted from ``threshold`` on."""

    topic: str
    column: str
    method: str
    threshold: float
    score: float
    is_drifted: bool


@dataclass(frozen=True)
class TopicState:
    """What a topic was measured on, or why it was not."""

    topic: str
    source: str
    reference_count: int
    current_count: int
    reason_de: str | None
    reason_en: str | None


@dataclass(frozen=True)
class DriftReport:
    """One run's drift, as stored in ``report.json``."""

    kind: str
    as_of: datetime
    model_version: str | None
    reference_from: datetime
    current_from: datetime
    topics: tuple[TopicState, ...]
    columns: tuple[ColumnDrift, ...]
    drifted_count: int
    drifted_share: float | None
    """Share of the measured columns; None where nothing could be measured."""
    max_drifted_share: float
    has_alert: bool
    report: str


def run(settings: Settings, as_of: datetime) -> DriftReport:
    """Measure drift, write the report and, beyond the bound, an alert."""
    found = champion(settings)
    sides = read(settings, as_of)
    states = [_state(each, settings.monitoring.min_drift_rows) for each in sides]
    usable = [each for each, state in zip(sides, states, strict=True) if state.reason_en is None]
    columns, page = _measure(usable) if usable else ((), None)
    report = _report(settings, as_of, found.version if found else None, tuple(states), columns)
    _write(settings.paths, report, page)
    return report


def _state(sides: Sides, min_rows: int) -> TopicState:
    counts = len(sides.reference), len(sides.current)
    few = min(counts) < min_rows
    return TopicState(
        sides.topic,
        sides.source,
        *counts,
        f"zu wenige Zeilen: {counts[0]} in der Vorwoche, {counts[1]} jetzt; nötig sind {min_rows}" if few else None,
        f"too few rows: {counts[0]} in the week before, {counts[1]} now; {min_rows} are needed" if few else None,
    )


def _measure(usable: list[Sides]) -> tuple[tuple[ColumnDrift, ...], str]:
    """Let Evidently compare all topics in one report: columns ``topic: name``, shorter topics padded with nothing."""
    numerical = [f"{each.topic}: {name}" for each in usable for name in _present(each, NUMERICAL)]
    categorical = [f"{each.topic}: {name}" for each in usable for name in _present(each, CATEGORICAL)]
    reference = _side_by_side([(each.topic, each.reference) for each in usable], categorical)
    current = _side_by_side([(each.topic, each.current) for each in usable], categorical)
    with evidently_quiet():
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        definition = DataDefinition(numerical_columns=numerical, categorical_columns=categorical)
        preset = DataDriftPreset(
            columns=numerical + categorical,
            num_method=NUMERICAL_METHOD,
            cat_method=CATEGORICAL_METHOD,
            threshold=THRESHOLD,
        )
        snapshot = Report([preset]).run(
            Dataset.from_pandas(current, data_definition=definition),
            Dataset.from_pandas(reference, data_definition=definition),
        )
        measured = (metric for metric in snapshot.dict()["metrics"] if "column" in metric["config"])
        return tuple(_column(metric) for metric in measured), snapshot.get_html_str(as_iframe=False)


def _present(sides: Sides, names: dict[str, tuple[str, ...]]) -> list[str]:
    """Columns that say something: some value on both sides, and not one and the same value everywhere."""
    return [
        name
        for name in names[sides.topic]
        if name in sides.current
        and sides.reference[name].notna().any()
        and sides.current[name].notna().any()
        and len({*sides.reference[name].dropna().unique(), *sides.current[name].dropna().unique()}) > 1
    ]


def _side_by_side(parts: "list[tuple[str, pd.DataFrame]]", categorical: list[str]) -> "pd.DataFrame":
    import pandas as pd

    renamed = [frame.add_prefix(f"{topic}: ").reset_index(drop=True) for topic, frame in parts]
    joined = pd.concat(renamed, axis="columns")
    for name in categorical:
        joined[name] = joined[name].astype("object").map(str, na_action="ignore")
    return joined


def _column(metric: dict[str, Any]) -> ColumnDrift:
    topic, column = metric["config"]["column"].split(": ", 1)
    score = float(metric["value"])
    return ColumnDrift(topic, column, metric["config"]["method"], THRESHOLD, score, score >= THRESHOLD)


def _report(
    settings: Settings,
    as_of: datetime,
    version: str | None,
    topics: tuple[TopicState, ...],
    columns: tuple[ColumnDrift, ...],
) -> DriftReport:
    bound = settings.monitoring.max_drifted_share
    drifted = sum(each.is_drifted for each in columns)
    share = drifted / len(columns) if columns else None
    return DriftReport(
        kind=KIND,
        as_of=as_of.astimezone(UTC),
        model_version=version,
        reference_from=as_of.astimezone(UTC) - 2 * WEEK,
        current_from=as_of.astimezone(UTC) - WEEK,
        topics=topics,
        columns=tuple(sorted(columns, key=lambda each: (-each.score, each.topic, each.column))),
        drifted_count=drifted,
        drifted_share=share,
        max_drifted_share=bound,
        has_alert=share is not None and share > bound,
        report=str(settings.paths.report(KIND, as_of) / "report.html"),
    )


def _write(paths: Paths, report: DriftReport, page: str | None) -> None:
    folder = paths.report(KIND, report.as_of)
    summary = render("drift.html.j2", report=report)
    write_text(folder / "report.json", json.dumps(json_form(report), ensure_ascii=False, indent=1))
    write_text(folder / "report.html", headed(page, summary) if page else summary)
    if not report.has_alert:
        alerts.withdraw(paths, KIND, report.as_of)
        return
    message = (
        f"{report.drifted_count} of {len(report.columns)} columns drifted since last week "
        f"(bound: {report.max_drifted_share:.0%})"
    )
    details = {
        "model_version": report.model_version,
        "columns": [asdict(each) for each in report.columns if each.is_drifted],
        "report": report.report,
    }
    alerts.write(paths, alerts.Alert(KIND, report.as_of, message, details))
