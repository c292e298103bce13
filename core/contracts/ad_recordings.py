"""Recordings kept on this machine: ``<station>/<YYYYMMDDTHHMMSSZ>.<ext>``, and what was heard in them beside each.

The file of the same name with ``.json`` is an answer of ``detect --json`` with ``verdicts`` (one a second, in the form
of the verdict log) and, where they are known, ``levels``: ``{"per_second": n, "db": [...]}``.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.contracts.ad_detection import is_station

_STEM: Final = "%Y%m%dT%H%M%SZ"
_STEM_PATTERN: Final = re.compile(r"^\d{8}T\d{6}Z$")


@dataclass(frozen=True)
class KeptRecording:
    """One file of sound; ``file`` lies in ``folder / station``."""

    folder: Path
    station: str
    file: str
    started_at: datetime
    """Aware UTC: second 0 of the file."""

    @property
    def name(self) -> str:
        """``<station>/<file>``: what labels call it."""
        return f"{self.station}/{self.file}"

    @property
    def path(self) -> Path:
        return self.folder / self.station / self.file

    @property
    def heard_path(self) -> Path:
        return self.path.with_suffix(".json")

    def heard(self) -> dict[str, Any]:
        """What the detector said; empty where it has not said it yet, or not whole."""
        try:
            read = json.loads(self.heard_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}


def stem_of(started_at: datetime) -> str:
    """A recording's name without its ending, from an aware time."""
    return started_at.astimezone(UTC).strftime(_STEM)


def recordings_of(folder: Path, station: str | None = None) -> list[KeptRecording]:
    """All recordings below the folder, or those of one station, by station and time."""
    return sorted(_found(folder, station), key=lambda each: (each.station, each.started_at, each.file))


def recording_named(folder: Path, name: str) -> KeptRecording | None:
    """The recording called ``<station>/<file>``, if it is kept; any other text is none."""
    station, _, file = name.partition("/")
    return next((each for each in _found(folder, station) if each.file == file), None)


def recording_at(folder: Path, station: str, at: datetime) -> KeptRecording | None:
    """The recording of a station that holds the sound of a moment, by its start and what was heard of it."""
    earlier = [each for each in recordings_of(folder, station) if each.started_at <= at]
    for each in reversed(earlier):
        if at < each.started_at + timedelta(seconds=float(each.heard().get("duration_s") or 0.0)):
            return each
    return None


def _found(folder: Path, station: str | None) -> Iterator[KeptRecording]:
    if station is not None and not is_station(station):
        return
    for path in folder.glob(f"{station or '*'}/*"):
        if path.suffix == ".json" or not _STEM_PATTERN.match(path.stem) or not is_station(path.parent.name):
            continue
        started_at = datetime.strptime(path.stem, _STEM).replace(tzinfo=UTC)
        yield KeptRecording(folder, path.parent.name, path.name, started_at)
