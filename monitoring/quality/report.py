"""The report of the suites of one run: ``report.json`` for machines, ``report.html`` for who is on duty."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import StageError
from core.json_form import json_form
from core.paths import Paths
from core.storage import write_text
from monitoring.pages import render
from monitoring.quality.suite import CRITICAL, Outcome

KIND = "quality"


@dataclass(frozen=True)
class QualityReport:
    """What one suite found at one run."""

    suite: str
    as_of: datetime
    outcomes: tuple[Outcome, ...]
    counts: dict[str, int]
    """Rows that there were, by table: what the next run compares with."""
    report: Path
    """The page to look at."""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(each for each in self.outcomes if not each.passed and each.severity == CRITICAL)

    @property
    def warnings(self) -> tuple[Outcome, ...]:
        return tuple(each for each in self.outcomes if not each.passed and each.severity != CRITICAL)

    @property
    def passed(self) -> bool:
        return not self.failed


def conclude(
    paths: Paths, suite: str, as_of: datetime, outcomes: list[Outcome], counts: dict[str, int]
) -> QualityReport:
    """Write the report beside those of the run's other suites, and stop the run if something critical failed.

    Raises:
        StageError: one line: the first failed expectation, how many rows, where the report lies.
    """
    folder = paths.report(KIND, as_of)
    report = QualityReport(suite, as_of, tuple(outcomes), counts, folder / "report.html")
    suites = _suites(folder / "report.json")
    suites[suite] = json_form(report) | {"passed": report.passed, "outcomes": [asdict(each) for each in outcomes]}
    values = {"kind": KIND, "as_of": as_of.astimezone(UTC).isoformat(), "passed": _all_passed(suites), "suites": suites}
    write_text(folder / "report.json", json.dumps(values, ensure_ascii=False, indent=1))
    write_text(report.report, render("quality/report.html.j2", as_of=as_of, passed=values["passed"], suites=suites))
    if report.failed:
        raise StageError(_line(report))
    return report


def _line(report: QualityReport) -> str:
    first = report.failed[0]
    more = f" and {len(report.failed) - 1} more" if len(report.failed) > 1 else ""
    where = f"{first.table}.{first.column}" if first.column else first.table
    rows = f"{first.failed_count} of {first.checked_count} rows fail"
    seen = f" (observed: {first.observed})" if first.observed else ""
    return f"quality: suite '{report.suite}': {where}: {first.says}: {rows}{seen}{more}; see {report.report}"


def last_counts(paths: Paths, suite: str, before: datetime) -> dict[str, int]:
    """Rows by table of the newest earlier run of a suite that passed; empty if there is none."""
    for _, entry in _earlier(paths, suite, before):
        if entry["passed"]:
            return {str(table): int(count) for table, count in entry["counts"].items()}
    return {}


def newest_run(paths: Paths) -> datetime | None:
    """The latest time that any quality report is about: a backfill runs for an earlier one."""
    names = sorted(folder.name for folder in (paths.reports / KIND).glob("*Z"))
    return datetime.strptime(names[-1], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC) if names else None


def _earlier(paths: Paths, suite: str, before: datetime) -> list[tuple[str, dict[str, Any]]]:
    limit = paths.report(KIND, before).name
    folders = sorted((paths.reports / KIND).glob("*Z"), reverse=True)
    read = ((folder.name, _suites(folder / "report.json")) for folder in folders if folder.name < limit)
    return [(name, suites[suite]) for name, suites in read if suite in suites]


def _suites(file: Path) -> dict[str, Any]:
    try:
        suites: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["suites"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return suites


def _all_passed(suites: dict[str, Any]) -> bool:
    return all(entry["passed"] for entry in suites.values())
