"""Serving's own logs as one more source: decision records and reported ad plays of closed hours into the lake."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.settings import Settings
from ingestion.ad_plays import ingest_ad_plays
from ingestion.batch import ingestion
from ingestion.files import SourceFile
from ingestion.landing import ingest_files
from ingestion.report import IngestReport

GRACE = timedelta(minutes=1)  # a writer flushes within a second; clocks of two machines may differ a little
_HOUR = "hour=%Y-%m-%dT%H"


def ingest_decisions(settings: Settings, as_of: datetime) -> IngestReport:
    """Take in decision records and ad plays of every hour that is over at ``as_of``; each of them once.

    The log's files stay until retention drops them. Raises StageError as ``ingest_source`` does.
    """
    report = IngestReport()
    files = closed_files(settings.paths.decision_log, as_of)
    if files:
        with ingestion(settings, as_of, report) as under_way:
            ingest_files(under_way, files)
    plays = [file.path for file in closed_files(settings.paths.ads.plays, as_of)]
    accepted, batch_id = ingest_ad_plays(settings, plays, as_of)
    if batch_id is not None:
        report.kinds["events"].accepted += accepted
        report.batches.append(batch_id)
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
