"""Caps recounted (HH-11): every breach that the log shows, and every difference from serving's counters.

dbt recounts; here it becomes a report and, where our own decisions broke a cap or the counters differ, an alert. The
report counts and names campaigns and days; households and devices stay in the export, which no page shows.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.contracts import exports
from core.json_form import json_form
from core.logs import progress
from core.settings import Settings
from core.storage import read_rows, write_text
from monitoring import alerts
from monitoring.pages import render

KIND = "caps"
_BREACHES = """
    select happened_at::date::varchar as day, cap, is_decided_here, count(*) as breaches from rows
    group by all order by day desc, cap, is_decided_here desc
"""
_DIFFERENCES = """
    select happened_at::date::varchar as day, difference, count(*) as plays from rows
    group by all order by day desc, difference
"""
_PLAYS = "select coalesce(sum(play_count), 0)::bigint as plays, count(*) as household_days from rows"


@dataclass(frozen=True)
class CapsReport:
    """One run's counts, as stored in ``report.json``."""

    kind: str
    as_of: datetime
    plays: int
    """Of booked campaigns, with consent."""
    household_days: int
    """Pairs of household (or device) and day, for each campaign."""
    own_breaches: int
    """By decisions of ours alone."""
    other_breaches: int
    """In which what others gave (linear television, other servers) had a part."""
    differences: int
    by_day: tuple[dict[str, Any], ...]
    differences_by_day: tuple[dict[str, Any], ...]
    has_alert: bool
    report: str


def run(settings: Settings, as_of: datetime) -> CapsReport:
    """Write the report from dbt's exports; what has not been built yet counts as nothing."""
    breaches = _rows(settings, exports.RPT_AD_BREACHES, _BREACHES)
    differences = _rows(settings, exports.RPT_AD_DIFFERENCES, _DIFFERENCES)
    counted = (_rows(settings, exports.RPT_AD_HOUSEHOLD_DAYS, _PLAYS) or [{"plays": 0, "household_days": 0}])[0]
    own = sum(row["breaches"] for row in breaches if row["is_decided_here"])
    differing = sum(row["plays"] for row in differences)
    folder = settings.paths.report(KIND, as_of)
    report = CapsReport(
        kind=KIND,
        as_of=as_of.astimezone(UTC),
        plays=counted["plays"],
        household_days=counted["household_days"],
        own_breaches=own,
        other_breaches=sum(row["breaches"] for row in breaches) - own,
        differences=differing,
        by_day=tuple(breaches),
        differences_by_day=tuple(differences),
        has_alert=bool(own or differing),
        report=str(folder / "report.html"),
    )
    for language in ("de", "en"):
        write_text(folder / f"report.{language}.html", render("caps.html.j2", report=report, language=language))
    write_text(folder / "report.html", render("caps.html.j2", report=report, language="en"))
    write_text(folder / "report.json", json.dumps(json_form(report), ensure_ascii=False, indent=1))
    _alert(settings, report, as_of)
    return report


def _alert(settings: Settings, report: CapsReport, as_of: datetime) -> None:
    if not report.has_alert:
        alerts.withdraw(settings.paths, KIND, as_of)
        return
    message = (
        f"caps: {report.own_breaches} breaches by our decisions, {report.differences} differences from the counters"
    )
    progress(message)
    details = {"own_breaches": report.own_breaches, "differences": report.differences, "report": report.report}
    alerts.write(settings.paths, alerts.Alert(KIND, as_of, message, details))


def _rows(settings: Settings, model: str, query: str) -> list[dict[str, Any]]:
    file = settings.paths.export(model)
    return read_rows(file, query) if file.exists() else []
