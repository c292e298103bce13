"""Whether anybody takes up what happens: else the picture stands still, and has to say so (HH-3)."""

from datetime import UTC, datetime
from typing import Any

from core.contracts.households import PULSE_SECONDS
from core.paths import Paths

_DEAD_AFTER_BEATS = 10


def liveness(paths: Paths, now: datetime) -> dict[str, Any]:
    """Return ``is_live``, and ``published_at``: when the artefacts were written (RFC 3339), None without any."""
    beat = _modified(paths.household_pulse)
    published = _modified(paths.household_assignments)
    return {
        "is_live": beat is not None and now.timestamp() - beat < _DEAD_AFTER_BEATS * PULSE_SECONDS,
        "published_at": None if published is None else datetime.fromtimestamp(published, UTC).isoformat(),
    }


def _modified(file: Any) -> float | None:
    try:
        return float(file.stat().st_mtime)
    except OSError:
        return None
