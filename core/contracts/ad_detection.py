"""What training and serving of ad detection hand each other."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypedDict

from core.errors import UserError
from core.paths import Paths

REGISTERED_DETECTOR: Final = "ad_detection"
"""Name in MLflow's registry; the version with the alias ``champion`` is the one that detects."""


def served_detector(paths: Paths) -> Path:
    """The champion's bundle (``core.algorithms.audio.detector_bundle``), copied when it became champion.

    So detection starts within a second: it asks neither MLflow nor TensorFlow.
    """
    return paths.home / "ad_detection" / "detector"


# --- what is heard, by station (``ad-detection watch`` writes, serving reads) -----------------------------------------
_STATION: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
VERDICT_LABELS: Final = ("ad", "talk", "music")
"""Labels as they stand in verdicts, reports and corrections."""


class VerdictLine(TypedDict):
    """One second of a station: a line of the verdict log, an event of the stream; never the sound itself (AD-10)."""

    at: str
    """Start of the second: RFC 3339, UTC, milliseconds; such texts sort by time."""
    label: str
    confidence: float
    probabilities: dict[str, float]
    """Of ``ad``, ``talk`` and ``music``, by the net alone; they sum to 1."""
    level_db: float
    """RMS of the second against full scale; silence is -96."""
    spot_id: str | None


def is_station(name: str) -> bool:
    """Tell whether a name can stand in an address and as a folder: 1 to 40 of a-z, 0-9 and -, no - at the ends."""
    return _STATION.fullmatch(name) is not None


def check_station(name: str) -> str:
    """The name itself.

    Raises:
        UserError: it is none.
    """
    if not is_station(name):
        raise UserError(f"name: '{name[:60]}' is no station's name; use 1 to 40 of a-z, 0-9 and - (not at the ends)")
    return name


def verdict_logs(paths: Paths) -> Path:
    """``<station>/<YYYY-MM-DD>.jsonl`` by UTC day of ``at``: ``VerdictLine``s in the order of time, a line a second."""
    return paths.home / "ad_detection" / "verdicts"


def recordings(paths: Paths) -> Path:
    """``<station>/<YYYYMMDDTHHMMSSZ>.<ext>`` with ``.json`` of the same name: sound that stays on this machine."""
    return paths.home / "ad_detection" / "recordings"


def instant_text(at: datetime) -> str:
    """An aware time in the form of ``VerdictLine.at``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


SERVED_NOTE: Final = "served.json"
"""In the served detector's folder: ``{"version", "promoted_at", "gates": [{"name", "value", "threshold", "is_passed",
"reading"}]}``, as its gates wrote it."""

TARGETS: Final = {"frame_accuracy": 0.97, "live_accuracy": 0.95, "ad_f1": 0.93, "boundary_error_s": 0.5}
"""What the detector shall reach on sources never heard; ``live_accuracy`` with ``LIVE_LOOK_AHEAD_S``."""
LIVE_LOOK_AHEAD_S: Final = 4.0
