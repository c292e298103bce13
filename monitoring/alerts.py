"""Alerts: small files that say what a person or a workflow should look at. Only ``dags/`` gives one a consequence."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.paths import Paths
from core.storage import write_text


@dataclass(frozen=True)
class Alert:
    """One alert; ``kind`` is the report's (``drift``), ``details`` are plain JSON values."""

    kind: str
    as_of: datetime
    message: str
    details: dict[str, Any]


def _file(paths: Paths, kind: str, as_of: datetime) -> Path:
    return paths.alerts / f"{kind}-{paths.report(kind, as_of).name}.json"


def write(paths: Paths, alert: Alert) -> Path:
    """Write ``alerts/<kind>-<run>.json`` whole or not at all, and return it."""
    file = _file(paths, alert.kind, alert.as_of)
    values = {
        "kind": alert.kind,
        "as_of": alert.as_of.astimezone(UTC).isoformat(),
        "message": alert.message,
        "details": alert.details,
    }
    write_text(file, json.dumps(values, ensure_ascii=False, indent=1))
    return file


def withdraw(paths: Paths, kind: str, as_of: datetime) -> None:
    """Remove the alert of this very run: a repeated run that finds nothing leaves nothing."""
    _file(paths, kind, as_of).unlink(missing_ok=True)


def read_all(paths: Paths, kind: str | None = None) -> list[Alert]:
    """Return all alerts, newest first; unreadable files are left out."""
    found = []
    for file in paths.alerts.glob(f"{kind or '*'}-*.json"):
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            as_of = datetime.fromisoformat(values["as_of"])
            found.append(Alert(values["kind"], as_of, values["message"], values["details"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(found, key=lambda alert: alert.as_of, reverse=True)
