"""What the last whole run was made from: a run over the same input, settings and code has nothing to do."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.json_form import json_form
from core.paths import PROJECT_ROOT
from core.privacy import fingerprint
from core.settings import Settings
from core.storage import write_text

_CODE = ("core", "ingestion", "training", "monitoring", "dbt", "feature_repo")
_CODE_SUFFIXES = (".py", ".sql", ".yml", ".yaml", ".toml", ".html", ".jinja", ".j2")
_WINDOWS_MOVE_AFTER = timedelta(days=1)
"""Without a time of its own, a run over old input is done again after this: its windows have moved on."""


@dataclass(frozen=True)
class Inputs:
    """All that a run's result depends on."""

    batch_id: int
    """The ledger's head: every accepted line, also one that replaces a catalogue entry, is in a batch."""
    settings: str
    code: str
    as_of: str | None
    """The time that the user named; None for the clock."""


def inputs_of(settings: Settings, as_of: datetime | None) -> Inputs:
    """Read what a run would be made from, after ingestion."""
    return Inputs(
        batch_id=_head(settings),
        settings=fingerprint(settings.model_dump_json(exclude={"token", "serving", "home"}) + _digest(settings.config)),
        code=fingerprint("".join(_digest(PROJECT_ROOT / folder) for folder in _CODE)),
        as_of=as_of.isoformat() if as_of else None,
    )


def _head(settings: Settings) -> int:
    from ingestion.ledger import head

    return head(settings.paths)


def is_unchanged(settings: Settings, inputs: Inputs, as_of: datetime) -> bool:
    """Tell whether the last whole run was made from the same, and what it made is still there."""
    try:
        last = json.loads(settings.paths.pipeline_state.read_text())
    except (OSError, ValueError):
        return False
    made = (settings.paths.exports, settings.paths.mlflow, settings.paths.cards)
    if last.get("inputs") != json_form(inputs) or not all(folder.is_dir() for folder in made):
        return False
    return inputs.as_of is not None or as_of - datetime.fromisoformat(last["as_of"]) < _WINDOWS_MOVE_AFTER


def remember(settings: Settings, inputs: Inputs, as_of: datetime) -> None:
    """Write down that a whole run over these inputs is done."""
    text = json.dumps({"as_of": as_of.isoformat(), "inputs": json_form(inputs)}, indent=2)
    write_text(settings.paths.pipeline_state, text + "\n")


def _digest(folder: Path) -> str:
    """Digest the names and contents of the source files below a folder."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in _CODE_SUFFIXES and "target" not in file.parts)
    return fingerprint("".join(f"{file.relative_to(folder)}:{fingerprint(file.read_text())}" for file in files))
