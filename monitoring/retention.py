"""Reports, alerts and superseded cards are dropped after their windows (PRV-4)."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.settings import Settings


def drop_expired(settings: Settings, as_of: datetime) -> dict[str, int]:
    """Delete what was written before the windows; running it twice drops once.

    The newest report of each kind and the newest card of each use case stay, however old: pages and the next card
    compare with them. Read-outs of experiments hold no device's data and are the record of what was decided: they stay
    as long as cards do.
    """
    paths, windows = settings.paths, settings.retention
    reports = [file for kind in _folders(paths.reports) if kind.name != "experiments" for file in _superseded(kind)]
    readouts = list(_folders(paths.reports / "experiments"))
    cards = [file for use_case in _folders(paths.cards) for file in _superseded(use_case)]
    alerts = sorted(paths.alerts.glob("*.json"))
    return {
        "reports": _drop(reports, as_of - timedelta(days=windows.reports)),
        "alerts": _drop(alerts, as_of - timedelta(days=windows.reports)),
        "cards": _drop([*cards, *readouts], as_of - timedelta(days=windows.cards)),
    }


def _folders(parent: Path) -> Iterator[Path]:
    if parent.is_dir():
        yield from (entry for entry in parent.iterdir() if entry.is_dir())


def _superseded(parent: Path) -> list[Path]:
    """All folders below ``parent`` but the newest."""
    return sorted(_folders(parent), key=_written_at)[:-1]


def _written_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _drop(found: list[Path], oldest: datetime) -> int:
    expired = [file for file in found if _written_at(file) < oldest]
    for file in expired:
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    return len(expired)
