"""PRV-3: what in the lake belongs to a device, and how it is recognised where its key does not stand beside it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.device_rows import parquet_files, rows_of
from core.paths import Paths
from core.privacy import Pseudonyms
from core.storage import connect
from ingestion.quarantine import open_entries

_ID = re.compile(r'"(?:event_id|playback_id)"\s*:\s*"([^"]+)"')
_LOGIN = re.compile(r'"user"\s*:\s*"([^"]+)"')
_LOGINS_OF = """
select user_key from read_parquet($files, hive_partitioning = false)
where user_key is not null group by user_key having bool_and(coalesce(device_key = $device_key, false))
"""


@dataclass
class Traces:
    """How a device shows in the lake."""

    device_key: str
    unit_keys: list[str] = field(default_factory=list)
    """What decision records call it: its key, its MAC taken for a unit, logins seen on no other device."""
    quarantine_ids: list[str] = field(default_factory=list)
    """Open entries that share an event, a playback, or a login of its own with it."""

    def add(self, others: "Traces") -> None:
        """Take what was found another time."""
        self.unit_keys = list(dict.fromkeys([*self.unit_keys, *others.unit_keys]))
        self.quarantine_ids = list(dict.fromkeys([*self.quarantine_ids, *others.quarantine_ids]))


def units_of(pseudonyms: Pseudonyms, mac: str) -> list[str]:
    """Return what decision records call a device (its normalised MAC): its key, or its MAC taken for a unit."""
    return [pseudonyms.device_key(mac), *(pseudonyms.user_key(text) for text in _notations(mac))]


def traces_of(paths: Paths, pseudonyms: Pseudonyms, units: list[str]) -> Traces:
    """Look a device up by its units, its key first. Masked lines name no MAC: what else they hold tells them."""
    device_key = units[0]
    logins, ids = _logins_of(paths, device_key), _ids_of(paths, device_key)
    own = set(logins)
    entries = [
        entry["quarantine_id"]
        for entry in open_entries(paths)
        if set(_ID.findall(entry["raw"])) & ids
        or any(pseudonyms.user_key(login) in own for login in _LOGIN.findall(entry["raw"]))
    ]
    return Traces(device_key, [*units, *logins], entries)


def stored_in_lake(paths: Paths, traces: Traces) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield (store, rows) of what the lake and serving's own log hold about a device."""
    keys = {traces.device_key}
    yield "lake/events", _rows(paths.events, keys)
    yield "lake/withdrawals", _rows(paths.withdrawals, keys)
    entries = [entry for entry in open_entries(paths) if entry["quarantine_id"] in traces.quarantine_ids]
    yield "lake/quarantine", entries
    yield "lake/decisions", _rows(paths.decisions, set(traces.unit_keys))
    yield "decision_log", list(_records(paths.decision_log, traces.unit_keys))


def _rows(folder: Path, keys: set[str]) -> list[dict[str, Any]]:
    return [row for file in parquet_files(folder) for row in rows_of(file, keys)]


def _records(folder: Path, units: list[str]) -> Iterator[dict[str, Any]]:
    """Serving's own log: an hour's records are in the lake too once it has been taken in."""
    for file in sorted(folder.rglob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
            if any(f'"{unit}"' in line for unit in units) and line.endswith("\n"):
                yield json.loads(line)


def _logins_of(paths: Paths, device_key: str) -> list[str]:
    if not any(paths.events.glob("hour=*/*.parquet")):
        return []
    with connect() as connection:
        files = {"files": str(paths.events / "hour=*" / "*.parquet"), "device_key": device_key}
        return sorted(login for (login,) in connection.execute(_LOGINS_OF, files).fetchall())


def _ids_of(paths: Paths, device_key: str) -> set[str]:
    rows = _rows(paths.events, {device_key})
    return {row[name] for row in rows for name in ("event_id", "playback_id") if row[name] is not None}


def _notations(mac: str) -> list[str]:
    """The forms in which a client may send a MAC as a unit."""
    pairs = [mac[at : at + 2] for at in range(0, 12, 2)]
    forms = (":".join(pairs), "-".join(pairs), f"{mac[:4]}.{mac[4:8]}.{mac[8:]}", mac)
    return [text for form in forms for text in (form, form.upper())]
