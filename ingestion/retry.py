"""Taking quarantined lines in again after a fix: of the code, the settings, the run's time, or the line itself.

The lake keeps only masked text, so the original is read again where it stands. A line is the same if its text is, or
if it carries the same id as before (somebody corrected it in place).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.contracts.landing import LINE_KINDS
from core.settings import Settings
from ingestion.batch import Ingestion, ingestion
from ingestion.files import TextStream
from ingestion.quarantine import Line, open_entries
from ingestion.records import RefusedError
from ingestion.report import IngestReport

_ID = re.compile(r'"(?:event_id|content_id|campaign_id)"\s*:\s*"([^"]+)"')
_BLOCK = 1 << 20
Entry = dict[str, Any]
Texts = dict[str, bytes]  # by quarantine_id


@dataclass
class RetryReport:
    """What became of the open entries that were tried."""

    tried: int = 0
    resolved: int = 0
    gone: int = 0  # their text is not to be found any more; they stay open
    still_refused: Counter[str] = field(default_factory=Counter)
    batches: list[int] = field(default_factory=list)


def retry_source(settings: Settings, source: Path, as_of: datetime) -> RetryReport:
    """Try all open entries whose files lie in a landing directory. Raises StageError as ``ingest_source`` does."""
    return _retry(
        settings, as_of, lambda file: not file.startswith("kafka:"), lambda entries: _in_files(source, entries)
    )


def retry_topic(settings: Settings, bootstrap: str, topic: str, as_of: datetime) -> RetryReport:
    """Try all open entries whose messages are in a topic."""
    from ingestion.kafka_topic import read_at

    def texts(entries: list[Entry]) -> Texts:
        # A topic made anew may have two entries at one place: what stands there is compared with both.
        places = {e["quarantine_id"]: (int(e["file"].rpartition("/")[2]), e["line"]) for e in entries}
        found = read_at(bootstrap, topic, set(places.values()))
        return {entry_id: found[place] for entry_id, place in places.items() if place in found}

    return _retry(settings, as_of, lambda file: file.startswith(f"kafka:{topic}/"), texts)


def _retry(
    settings: Settings, as_of: datetime, is_ours: Callable[[str], bool], texts_of: Callable[[list[Entry]], Texts]
) -> RetryReport:
    result, report = RetryReport(), IngestReport()
    with ingestion(settings, as_of, report) as under_way:
        entries = [row for row in open_entries(settings.paths) if row["kind"] in LINE_KINDS and is_ours(row["file"])]
        texts = texts_of(entries)
        for kind in LINE_KINDS:
            _retry_kind(under_way, kind, [entry for entry in entries if entry["kind"] == kind], texts, result)
        under_way.commit()
    result.batches = report.batches
    return result


def _retry_kind(under_way: Ingestion, kind: str, entries: list[Entry], texts: Texts, result: RetryReport) -> None:
    fit: list[tuple[Entry, str]] = []
    for entry in entries:
        result.tried += 1
        text = texts.get(entry["quarantine_id"])
        if text is None or not _is_same(under_way, entry, text):
            result.gone += 1
            continue
        try:
            line = text.decode("utf-8", errors="replace")
            under_way.validate(kind, line)
            fit.append((entry, line))
        except RefusedError as error:
            result.still_refused[error.reason] += 1
    if not fit:
        return
    lines = pa.table({"line": pa.array([line for _, line in fit], pa.large_string()), "seq": range(len(fit))})
    under_way.take(kind, lines, lambda seq: (fit[seq][0]["file"], fit[seq][0]["line"]), 0)
    for entry, _ in fit:
        result.resolved += under_way.quarantine.settle(entry["quarantine_id"])


def _is_same(under_way: Ingestion, entry: Entry, text: bytes) -> bool:
    line = Line(entry["kind"], entry["file"], entry["line"], text)
    if under_way.quarantine.id_of(line) == entry["quarantine_id"]:
        return True
    before, now = _ID.search(entry["raw"]), _ID.search(text.decode("utf-8", errors="replace"))
    return before is not None and now is not None and before.group(1) == now.group(1)


def _in_files(source: Path, entries: list[Entry]) -> Texts:
    wanted: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        wanted[entry["file"]][entry["line"]].append(entry["quarantine_id"])
    texts: Texts = {}
    for name, numbers in wanted.items():
        path = source / name
        if path.is_file():
            for number, text in _numbered(path, set(numbers)):
                texts |= dict.fromkeys(numbers[number], text)
    return texts


def _numbered(path: Path, numbers: set[int]) -> list[tuple[int, bytes]]:
    found, carry, number = [], b"", 0
    with TextStream(path) as stream:
        while (block := stream.read(_BLOCK)) or carry:
            *lines, carry = (carry + block).split(b"\n") if block else (carry, b"")
            for line in lines:
                number += 1
                if number in numbers:
                    found.append((number, line))
    return found
