"""What became of a campaign: its line from the booking system and every change on the page."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from core.paths import Paths
from core.storage import read_rows
from serving.ad_decision.campaign_changes import read_changes
from serving.web import ad_form, render
from serving.web.texts import Language


@dataclass(frozen=True)
class Entry:
    """One line: when it was written, from where (booking, page), and which fields became what."""

    at: str
    source: str
    changes: list[tuple[str, str, str]]


def history(paths: Paths, campaign_id: str, zone: ZoneInfo, language: Language) -> list[Entry]:
    """All that is known of a campaign, newest first. Of the booking system's lines the lake keeps the newest alone."""
    rows = [("booking", row) for row in _lake_rows(paths)]
    rows += [("page", row) for row in read_changes(paths.ads.campaign_changes)]
    rows = [each for each in rows if each[1]["campaign_id"] == campaign_id]
    rows.sort(key=lambda each: each[1]["updated_at"])
    forms = [ad_form.shown(row, zone) for _, row in rows]
    changes = [[], *(_differences(before, after) for before, after in pairwise(forms))]
    entries = [
        Entry(render.instant(row["updated_at"], language), source, changed)
        for (source, row), changed in zip(rows, changes, strict=False)
    ]
    return entries[::-1]


def _differences(before: ad_form.Filled, after: ad_form.Filled) -> list[tuple[str, str, str]]:
    fields = [field for field in after if field != "seen" and before[field] != after[field]]
    return [(field, _written(before[field]), _written(after[field])) for field in fields]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    return (", ".join(value) if isinstance(value, list) else str(value)) or "–"


def _lake_rows(paths: Paths) -> list[dict[str, Any]]:
    try:
        return read_rows(paths.campaigns, "select * from rows")
    except (duckdb.IOException, duckdb.BinderException):
        return []
