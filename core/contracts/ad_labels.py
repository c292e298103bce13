"""What people said a recording is: one JSON file a correction, accepted and with its provenance (AD-6)."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from core.paths import Paths
from core.storage import write_text

Label = Literal["ad", "talk", "music"]
ID: Final = r"^[A-Za-z0-9._-]{1,120}$"


def labels_folder(paths: Paths) -> Path:
    """``<id>.json``, a ``Correction`` each. Nothing else that people said is learned from."""
    return paths.home / "ad_detection" / "labels"


def reports_file(paths: Paths) -> Path:
    """What listeners and the mining of repetitions reported, open or decided; read by the moderation only."""
    return paths.home / "ad_detection" / "reports.sqlite"


@dataclass(frozen=True)
class LabelledStretch:
    """A stretch that a person has heard, in seconds of its correction's ``zero_at``."""

    start_s: float
    end_s: float
    label: Label
    spot_id: str | None = None


@dataclass(frozen=True)
class Correction:
    """One act of one person."""

    id: str
    station: str
    recording: str | None
    """``<station>/<file>``; None where the sound was not kept when the report was accepted."""
    zero_at: datetime
    """Aware UTC: what the stretches' seconds count from; the recording's start if there is one."""
    segments: tuple[LabelledStretch, ...]
    by: str
    at: datetime
    report_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"zero_at": self.zero_at.isoformat(), "at": self.at.isoformat()}


def write_correction(folder: Path, correction: Correction) -> Path:
    """Keep a correction durably; one with the same id is replaced.

    Raises:
        ValueError: the id would be no plain file name.
    """
    if not re.match(ID, correction.id):
        raise ValueError(f"id: '{correction.id}' is no name for a file")
    target = folder / f"{correction.id}.json"
    write_text(target, json.dumps(correction.as_json(), ensure_ascii=False, indent=1) + "\n")
    return target


def read_corrections(folder: Path) -> list[Correction]:
    """All corrections, the oldest first. A file that is none is left out: it teaches nothing."""
    read = [_read(file) for file in sorted(folder.glob("*.json"))]
    return sorted((each for each in read if each is not None), key=lambda each: (each.at, each.id))


def correction_of(folder: Path, name: str) -> Correction | None:
    """The correction with an id."""
    return _read(folder / f"{name}.json") if re.match(ID, name) else None


def _read(file: Path) -> Correction | None:
    try:
        return _parsed(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _parsed(kept: Mapping[str, Any]) -> Correction:
    return Correction(
        id=str(kept["id"]),
        station=str(kept["station"]),
        recording=kept["recording"],
        zero_at=datetime.fromisoformat(kept["zero_at"]),
        segments=tuple(LabelledStretch(**each) for each in kept["segments"]),
        by=str(kept["by"]),
        at=datetime.fromisoformat(kept["at"]),
        report_id=kept["report_id"],
    )
