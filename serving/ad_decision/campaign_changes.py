"""What ad managers say of campaigns on the page: whole lines by the contract, appended and never changed (HH-10).

The newest line of a campaign counts, from wherever it came: a newer one from the booking system replaces what the page
said. Only pausing is said here alone, so it holds until it is taken back here.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.contracts.landing import CampaignLine
from core.storage import fsync_directory

Row = dict[str, Any]
_NESTED = ("device_split", "cap", "target", "spots")
_ONLY_HERE = ("paused", "category")


def append_change(file: Path, line: Mapping[str, Any]) -> None:
    """Add a validated line durably; what a killed writer left unfinished is closed off first.

    Args:
        file: ``paths.ads.campaign_changes``.
        line: by the contract of campaigns, and ``paused`` and ``category``.

    Raises:
        OSError: it cannot be kept.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    text = (json.dumps(line, sort_keys=True) + "\n").encode()
    with file.open("ab+") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # freed with the file, or by the kernel
        end = out.seek(0, os.SEEK_END)
        if end:
            out.seek(end - 1)
            text = text if out.read(1) == b"\n" else b"\n" + text
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fsync_directory(file.parent)


def read_changes(file: Path) -> list[Row]:
    """All changes, oldest first, as rows of ``core.contracts.lake.CAMPAIGNS``; torn lines are left out."""
    if not file.exists():
        return []
    rows = []
    for text in file.read_bytes().splitlines():
        try:
            line = json.loads(text)
            rows.append(_row(line))
        except ValueError:  # also what is no line by the contract
            continue
    return rows


def merged(rows: Iterable[Row], changes: Iterable[Row]) -> list[Row]:
    """The line of each campaign that counts now."""
    current = {row["campaign_id"]: row for row in rows}
    for change in changes:
        known = current.get(change["campaign_id"])
        if known is None or change["updated_at"] >= known["updated_at"]:
            current[change["campaign_id"]] = change
        else:
            said = {name: change[name] for name in _ONLY_HERE if known.get(name) is None}
            current[change["campaign_id"]] = known | said
    return list(current.values())


def line_of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a line again, for a change of one part of it."""
    line = {name: row[name] for name in ("campaign_id", "advertiser", "impressions")}
    line |= {name: json.loads(row[name] or "null") for name in _NESTED}
    line |= {name: row[name].replace(tzinfo=UTC).isoformat() for name in ("starts_at", "ends_at", "updated_at")}
    line = {name: value for name, value in line.items() if value is not None}
    return line | {name: row.get(name) for name in _ONLY_HERE}


def _row(line: Any) -> Row:
    checked = CampaignLine.model_validate(line)
    row: Row = checked.model_dump(include={"campaign_id", "advertiser", "impressions"})
    row |= {name: json.dumps(value, sort_keys=True) for name, value in checked.model_dump(include={*_NESTED}).items()}
    for name in ("starts_at", "ends_at", "updated_at"):
        row[name] = _naive(getattr(checked, name))
    return row | {"paused": bool(line.get("paused")), "category": line.get("category") or None, "batch_id": None}


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
