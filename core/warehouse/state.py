"""What the warehouse holds: written after a build that worked, removed before the next one begins."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from core.paths import Paths
from core.storage import write_text
from core.warehouse.inputs import LakeState


@dataclass(frozen=True)
class WarehouseState:
    """The last build that worked, and the lake files that went into it."""

    build_id: int
    as_of: str
    signature: str
    lake: LakeState
    rows: dict[str, int]
    database_bytes: int  # a shorter DuckDB file has lost its end, even if it still opens


def _file(paths: Paths) -> Path:
    return paths.warehouse.parent / "state.json"


def read(paths: Paths) -> WarehouseState | None:
    """Return the last state; None when no build worked yet or when one was broken off."""
    try:
        values = json.loads(_file(paths).read_text())
        values["lake"] = LakeState(**values["lake"])
        return WarehouseState(**values)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_built(paths: Paths) -> bool:
    """Tell whether the last build has read all that the lake holds now."""
    known = read(paths)
    return known is not None and known.lake == LakeState.of(paths)


def write(paths: Paths, state: WarehouseState) -> None:
    write_text(_file(paths), json.dumps(asdict(state)))


def forget(paths: Paths) -> None:
    """From here on the DuckDB file is between two states: should this build be killed, the next one starts afresh."""
    _file(paths).unlink(missing_ok=True)


def stamp(as_of: datetime) -> str:
    return as_of.isoformat()
