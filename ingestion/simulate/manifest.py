"""What a directory already holds: the options it was simulated with, and up to when it was followed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.contracts.origin import mark_synthetic
from core.errors import UserError
from core.storage import write_text
from ingestion.simulate.scenario import Scenario, rfc3339

_MANIFEST = "simulation.json"
_FOLLOWED = "followed.json"


def options_found(out: Path | None) -> dict[str, Any]:
    """Return the options of the simulation in a directory; none where there is none."""
    if out is None or not (out / _MANIFEST).exists():
        return {}
    found: dict[str, Any] = json.loads((out / _MANIFEST).read_text(encoding="utf-8"))
    return found


def claim(out: Path, scenario: Scenario) -> None:
    """Keep two simulations from mixing in one directory.

    Raises:
        UserError: the directory holds another one.
    """
    wanted = asdict(scenario) | {"as_of": rfc3339(scenario.end_ms)}
    found = options_found(out)
    differing = [name for name in wanted if found and found.get(name) != wanted[name]]
    if differing:
        options = ", ".join(f"{name} {found.get(name)} instead of {wanted[name]}" for name in differing)
        raise UserError(f"out: {out} holds another simulation ({options}); give another directory, or remove this one")
    write_text(out / _MANIFEST, json.dumps(wanted, indent=1) + "\n")
    mark_synthetic(out / "landing")


def followed_until(out: Path | None) -> int | None:
    """Return the simulated time (ms) up to which a directory was followed; None if never."""
    if out is None or not (out / _FOLLOWED).exists():
        return None
    return int(json.loads((out / _FOLLOWED).read_text(encoding="utf-8"))["until_ms"])


def note_followed(out: Path | None, until_ms: int) -> None:
    """Remember the simulated time up to which all is written."""
    if out is not None:
        write_text(out / _FOLLOWED, json.dumps({"until_ms": until_ms, "until": rfc3339(until_ms)}) + "\n")
