"""What is known of the detector that is served: its manifest and what its gates wrote; without MLflow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.contracts.ad_detection import LIVE_LOOK_AHEAD_S, SERVED_NOTE, TARGETS, served_detector
from core.errors import StageError
from core.paths import Paths


@dataclass(frozen=True)
class DetectorFacts:
    """The champion, as training described it."""

    manifest: Mapping[str, Any]
    version: str | None = None
    """None where it was promoted before gates left a note."""
    gates: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def evaluation(self) -> Mapping[str, Any] | None:
        """``training.ad_detection.evaluate``'s report on stations never heard in training; None: there is none."""
        found: Mapping[str, Any] | None = self.manifest.get("evaluation")
        return found

    def reached(self) -> dict[str, float]:
        """What was measured, by the names of ``TARGETS``; a figure that is missing is left out."""
        report = self.evaluation or {}
        live = [p["frame_accuracy"] for p in report.get("look_ahead", ()) if p["look_ahead_s"] == LIVE_LOOK_AHEAD_S]
        found = {
            "frame_accuracy": report.get("frame_accuracy"),
            "live_accuracy": live[0] if live else None,
            "ad_f1": report.get("f1", {}).get("ad"),
            "boundary_error_s": report.get("boundary_error_s"),
        }
        return {name: float(value) for name, value in found.items() if value is not None}

    def missed(self) -> list[str]:
        """Names of the targets that were measured and not reached."""
        return [name for name, value in self.reached().items() if not is_reached(name, value)]


def is_reached(name: str, value: float) -> bool:
    """Whether a figure reaches its target: errors from above, all others from below."""
    return value <= TARGETS[name] if name.endswith("_s") else value >= TARGETS[name]


def detector_facts(paths: Paths) -> DetectorFacts | None:
    """Read what is served; None where no detector was trained yet.

    Raises:
        StageError: a file is there but cannot be read.
    """
    folder = served_detector(paths)
    manifest = _read(folder / "manifest.json")
    if manifest is None:
        return None
    note = _read(folder / SERVED_NOTE) or {}
    return DetectorFacts(manifest, note.get("version"), tuple(note.get("gates", ())))


def _read(file: Path) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StageError(f"model card: {file} cannot be read: {error}") from None
    return values
