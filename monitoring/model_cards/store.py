"""Cards on disk: ``<cards>/<use_case>/<YYYY-MM-DD.n>/`` with the content and its rendered forms; history is kept."""

import os
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from core.errors import UserError
from core.paths import Paths
from core.storage import fsync_directory, fsync_file
from monitoring.model_cards.content import Card

CONTENT = "content.json"
_VERSION = re.compile(r"^(\d{4}-\d{2}-\d{2})\.(\d+)$")


def versions(paths: Paths, use_case: str) -> list[str]:
    """Return the versions of a use case's card, oldest first."""
    folder = paths.cards / use_case
    if not folder.is_dir():
        return []
    found = (child.name for child in folder.iterdir() if (child / CONTENT).is_file())
    return sorted((name for name in found if _VERSION.match(name)), key=_order)


def latest(paths: Paths, use_case: str) -> Card | None:
    kept = versions(paths, use_case)
    return load(paths, use_case, kept[-1]) if kept else None


def load(paths: Paths, use_case: str, version: str) -> Card:
    """Read a card's content.

    Raises:
        UserError: there is no such version.
    """
    return Card.model_validate_json(rendered(paths, use_case, version, CONTENT))


def rendered(paths: Paths, use_case: str, version: str, name: str) -> str:
    """Read one file of a version, e.g. ``card.de.html``; same errors as `load`."""
    file = paths.cards / use_case / version / name
    if not _VERSION.match(version) or not file.is_file():
        kept = ", ".join(versions(paths, use_case)[-5:]) or "none yet; run `mediathek pipeline` first"
        raise UserError(f"version: there is no {name} {version} of the card {use_case}; there are: {kept}")
    return file.read_text(encoding="utf-8")


def next_version(paths: Paths, use_case: str, as_of: datetime) -> str:
    """Return ``<day>.<n>``: the day of the run and a counter of that day, never before the newest version there is."""
    kept = versions(paths, use_case)
    day = as_of.strftime("%Y-%m-%d")
    if kept and _order(kept[-1])[0] > day:  # a run for a day in the past is still the newest card
        day = _order(kept[-1])[0]
    counters = [_order(name)[1] for name in kept if _order(name)[0] == day]
    return f"{day}.{max(counters, default=0) + 1}"


def save(paths: Paths, card: Card, files: Mapping[str, str]) -> Path:
    """Write a version's folder aside and rename it: it appears whole or not at all."""
    target = paths.cards / card.use_case / card.version
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        for name, text in {**files, CONTENT: card.model_dump_json(indent=1)}.items():
            (aside / name).write_text(text, encoding="utf-8")
            fsync_file(aside / name)
        fsync_directory(aside)
        aside.rename(target)
        fsync_directory(target.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _order(version: str) -> tuple[str, int]:
    day, counter = version.rsplit(".", 1)
    return day, int(counter)
