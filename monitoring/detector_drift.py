"""Drift of what the detector hears live (AD-7, OPS-1): the last day of verdicts against a reference.

The reference lies in the served bundle's manifest (``live_reference``): verdicts on the test stations. A station that
sounds or is judged otherwise is worth listening to; the alarm asks for labelled sound, it starts nothing by itself.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.contracts.ad_detection import VERDICT_LABELS, VerdictLine, instant_text, served_detector, verdict_logs
from core.json_form import json_form
from core.settings import Settings
from core.storage import write_text
from monitoring import alerts
from monitoring.evidently_quiet import evidently_quiet
from monitoring.pages import headed, render

if TYPE_CHECKING:
    import pandas as pd

KIND = "detector_drift"
WINDOW = timedelta(days=1)
NUMERICAL = ("level_db", "confidence", *VERDICT_LABELS)
THRESHOLD = 0.3
"""Of a standard deviation (earth mover's distance), or of Jensen and Shannon's distance; stations differ much."""
_NUMERICAL_METHOD, _CATEGORICAL_METHOD = "wasserstein", "jensenshannon"
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class ColumnDrift:
    """How far one column of all stations together moved."""

    column: str
    score: float
    is_drifted: bool


@dataclass(frozen=True)
class HourOfDay:
    """An hour (UTC): verdicts, mean confidence, share of ads."""

    hour: int
    count: int
    confidence: float
    ad_share: float


@dataclass(frozen=True)
class DetectorDriftReport:
    """One run, as stored in ``report.json``."""

    kind: str
    as_of: datetime
    stations: dict[str, int]
    """Verdicts in the window, by station."""
    reference_count: int
    columns: tuple[ColumnDrift, ...]
    hours: tuple[HourOfDay, ...]
    reason_de: str | None
    reason_en: str | None
    """Why nothing could be measured; None where it was."""
    drifted_count: int
    max_drifted_share: float
    has_alert: bool
    report: str


def run(settings: Settings, as_of: datetime) -> DetectorDriftReport:
    """Measure, write the report and, beyond the bound, an alert."""
    reference = _reference(settings)
    found = {name: list(_lines(folder, as_of)) for name, folder in _stations(settings)}
    rows = [line for lines in found.values() for line in lines]
    reason_de, reason_en = _reason(reference, rows, settings.monitoring.min_drift_rows)
    columns, page = ((), None) if reason_en or reference is None else _measure(reference, rows)
    drifted = sum(each.is_drifted for each in columns)
    bound = settings.monitoring.max_drifted_share
    folder = settings.paths.report(KIND, as_of)
    report = DetectorDriftReport(
        kind=KIND,
        as_of=as_of.astimezone(UTC),
        stations={name: len(lines) for name, lines in found.items() if lines},
        reference_count=len(reference["label"]) if reference else 0,
        columns=columns,
        hours=tuple(_by_hour(rows)),
        reason_de=reason_de,
        reason_en=reason_en,
        drifted_count=drifted,
        max_drifted_share=bound,
        has_alert=bool(columns) and drifted / len(columns) > bound,
        report=str(folder / "report.html"),
    )
    _write(settings, folder, report, page)
    return report


def _reference(settings: Settings) -> dict[str, list[Any]] | None:
    file = served_detector(settings.paths) / "manifest.json"
    if not file.is_file():
        return None
    found: dict[str, list[Any]] | None = json.loads(file.read_text(encoding="utf-8")).get("live_reference")
    return found


def _stations(settings: Settings) -> list[tuple[str, Path]]:
    return [(folder.name, folder) for folder in sorted(verdict_logs(settings.paths).glob("*")) if folder.is_dir()]


def _lines(folder: Path, as_of: datetime) -> Iterator[VerdictLine]:
    """Verdicts of the window; a last line that is not yet whole is left out."""
    first, last = instant_text(as_of - WINDOW), instant_text(as_of)
    for day in sorted({(as_of - WINDOW).astimezone(UTC).date(), as_of.astimezone(UTC).date()}):
        file = folder / f"{day.isoformat()}.jsonl"
        for text in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            try:
                line: VerdictLine = json.loads(text)
            except ValueError:
                continue
            if first <= line["at"] < last:
                yield line


def _reason(
    reference: dict[str, list[Any]] | None, rows: list[VerdictLine], least: int
) -> tuple[str | None, str | None]:
    if reference is None:
        return "kein Detektor mit Vergleichswerten im Dienst", "no detector with a reference is served"
    if min(len(rows), len(reference["label"])) < least:
        return (
            f"zu wenige Urteile: {len(rows)} am letzten Tag, {len(reference['label'])} zum Vergleich; nötig: {least}",
            f"too few verdicts: {len(rows)} in the last day, {len(reference['label'])} to compare; needed: {least}",
        )
    return None, None


def _measure(reference: dict[str, list[Any]], rows: list[VerdictLine]) -> tuple[tuple[ColumnDrift, ...], str]:
    import pandas as pd

    step = max(1, len(rows) // _MOST_ROWS)
    current = pd.DataFrame(
        [
            {"level_db": r["level_db"], "confidence": r["confidence"], "label": r["label"], **r["probabilities"]}
            for r in rows[::step]
        ]
    )
    return _compare(pd.DataFrame(reference), current)


def _compare(reference: "pd.DataFrame", current: "pd.DataFrame") -> tuple[tuple[ColumnDrift, ...], str]:
    with evidently_quiet():
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        definition = DataDefinition(numerical_columns=list(NUMERICAL), categorical_columns=["label"])
        preset = DataDriftPreset(
            columns=[*NUMERICAL, "label"],
            num_method=_NUMERICAL_METHOD,
            cat_method=_CATEGORICAL_METHOD,
            threshold=THRESHOLD,
        )
        snapshot = Report([preset]).run(
            Dataset.from_pandas(current, data_definition=definition),
            Dataset.from_pandas(reference, data_definition=definition),
        )
        measured = [each for each in snapshot.dict()["metrics"] if "column" in each["config"]]
        page = snapshot.get_html_str(as_iframe=False)
    columns = [(each["config"]["column"], float(each["value"])) for each in measured]
    return tuple(ColumnDrift(name, score, score >= THRESHOLD) for name, score in columns), page


def _by_hour(rows: list[VerdictLine]) -> Iterator[HourOfDay]:
    for hour in range(24):
        own = [row for row in rows if row["at"][11:13] == f"{hour:02d}"]
        if own:
            confidence = sum(row["confidence"] for row in own) / len(own)
            yield HourOfDay(hour, len(own), confidence, sum(row["label"] == "ad" for row in own) / len(own))


def _write(settings: Settings, folder: Path, report: DetectorDriftReport, page: str | None) -> None:
    for language, name in (("de", "report.de.html"), ("en", "report.en.html"), ("en", "report.html")):
        summary = render("detector_drift.html.j2", report=report, language=language)
        write_text(folder / name, headed(page, summary) if page else summary)
    write_text(folder / "report.json", json.dumps(json_form(report), ensure_ascii=False, indent=1))
    if not report.has_alert:
        alerts.withdraw(settings.paths, KIND, report.as_of)
        return
    message = f"ad detection: {report.drifted_count} of {len(report.columns)} columns of the live verdicts drifted"
    details = {"columns": [asdict(each) for each in report.columns if each.is_drifted], "report": report.report}
    alerts.write(settings.paths, alerts.Alert(KIND, report.as_of, message, details))
