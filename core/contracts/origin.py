"""Where usage data come from: a simulated source says so in a file of its own, and the model card repeats it.

A source without the file says nothing, so nothing is claimed about it.
"""

import json
from pathlib import Path
from typing import Final, Literal

from core.paths import Paths
from core.storage import write_text

SYNTHETIC: Final = "synthetic"
UNMARKED: Final = "unmarked"
_MARK = "origin.json"
_SEEN = "origins.json"

DataOrigin = Literal["synthetic", "mixed", "production", "unmarked"]


def mark_synthetic(source: Path) -> None:
    """Say in a landing directory that its data were simulated."""
    write_text(source / _MARK, json.dumps({"origin": SYNTHETIC}) + "\n")


def note_source(paths: Paths, source: Path) -> None:
    """Remember in the lake whether what was taken in from a source is marked as simulated."""
    seen = _seen(paths)
    origin = SYNTHETIC if _says(source / _MARK, "origin") == SYNTHETIC else UNMARKED
    if origin not in seen:
        write_text(paths.lake / _SEEN, json.dumps({"origins": sorted({*seen, origin})}) + "\n")


def data_origin(paths: Paths, declared: DataOrigin = UNMARKED) -> DataOrigin:
    """Return what is known of the lake's data; what people declare in the settings comes first."""
    if declared != UNMARKED:
        return declared
    seen = _seen(paths)
    if seen == {SYNTHETIC, UNMARKED}:
        return "mixed"
    return SYNTHETIC if seen == {SYNTHETIC} else UNMARKED


def _seen(paths: Paths) -> set[str]:
    origins = _says(paths.lake / _SEEN, "origins")
    return {str(origin) for origin in origins} if isinstance(origins, list) else set()


def _says(file: Path, key: str) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8")).get(key)
    except (OSError, ValueError, AttributeError):
        return None
