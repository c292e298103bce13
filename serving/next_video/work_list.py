"""The work list of series metadata (NV-K1): one row a finding, with the suggested fix."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.numbering.entry import Entry
from core.algorithms.next_video.numbering.findings import Finding


@dataclass(frozen=True)
class WorkItem:
    """One thing to look at. Numbers are None where there are none; ``text`` says in one sentence what is wrong."""

    series_id: str
    code: str
    text: str
    content_id: str | None
    title: str
    given_season: int | None
    given_episode: int | None
    suggested_season: int | None
    suggested_episode: int | None
    confidence: float
    other_content_ids: str
    """Separated by blanks."""


def work_list(catalogue: Catalogue, language: str, code: str | None = None) -> list[WorkItem]:
    """All findings, those with the surest fix first; ``code`` keeps one kind."""
    items = [item for item in _items(catalogue, language) if code in (None, item.code)]
    return sorted(items, key=lambda item: (-item.confidence, item.series_id, item.code, item.content_id or ""))


def as_csv(items: list[WorkItem]) -> str:
    """The work list as CSV with a header, for a spreadsheet.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(WorkItem)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in asdict(item).items()} for item in items)
    return out.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def _items(catalogue: Catalogue, language: str) -> Iterator[WorkItem]:
    for series_id, findings in catalogue.numbers.findings.items():
        entries = {entry.content_id: entry for entry in catalogue.numbers.entries[series_id]}
        for finding in findings:
            yield _item(series_id, finding, entries, language)


def _item(series_id: str, finding: Finding, entries: dict[str, Entry], language: str) -> WorkItem:
    first = entries[finding.content_ids[0]] if finding.content_ids else None
    season, episode = finding.suggested or (None, None)
    return WorkItem(
        series_id=series_id,
        code=finding.code,
        text=finding.text(language),
        content_id=first.content_id if first else None,
        title=first.title if first else next(iter(entries.values())).title,
        given_season=first.season if first else None,
        given_episode=first.episode if first else None,
        suggested_season=season,
        suggested_episode=episode,
        confidence=round(finding.confidence, 2),
        other_content_ids=" ".join(finding.content_ids[1:]),
    )
