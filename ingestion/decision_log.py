"""Serving's own log as one more source: decision records of closed hours into the lake."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.settings import Settings
from ingestion.batch import ingestion
from ingestion.files import SourceFile
from ingestion.landing import ingest_files
from ingestion.report import IngestReport

GRACE = timedelta(minutes=1)  # a writer flushes within a second; clocks of two machines may differ a little
_HOUR = "hour=%Y-%m-%dT%H"


def ingest_decisions(settings: Settings, as_of: datetime) -> IngestReport:
    """Take in the decision records of every hour that is over at ``as_of``; each ``decision_id`` once.

    The log's files stay until retention drops them. Raises StageError as ``ingest_source`` does.
    """
    report = IngestReport()
    files = closed_files(settings.paths.decision_log, as_of)
    if files:
        with ingestion(settings, as_of, report) as under_way:
            ingest_files(under_way, files)
    return report


def closed_files(log: Path, as_of: datetime) -> list[SourceFile]:
    """Files of hours that ended at least ``GRACE`` before ``as_of``, oldest first."""
    files = []
    for folder in sorted(log.glob("hour=*")):
        started_at = hour_of(folder)
        if started_at is not None and started_at + timedelta(hours=1) + GRACE <= as_of:
            files += [
                SourceFile("decisions", path, f"{folder.name}/{path.name}") for path in sorted(folder.glob("*.jsonl"))
            ]
    return files


def hour_of(folder: Path) -> datetime | None:
    """The UTC hour that a partition folder is named after; None for any other folder."""
    try:
        return datetime.strptime(folder.name, _HOUR).replace(tzinfo=UTC)
    except ValueError:
        return None
