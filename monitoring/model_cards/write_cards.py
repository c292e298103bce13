"""Making the cards of all use cases; a new version is written only where the content changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.settings import Settings
from monitoring.model_cards.changes import as_json
from monitoring.model_cards.content import LANGUAGES, Card, Language
from monitoring.model_cards.inputs import Inputs, gather
from monitoring.model_cards.render_changes import render_changes
from monitoring.model_cards.render_html import render_html
from monitoring.model_cards.render_json import render_json
from monitoring.model_cards.render_markdown import render_markdown
from monitoring.model_cards.store import latest, next_version, save
from monitoring.model_cards.use_cases import USE_CASES

FORMATS: dict[str, Callable[[Card, Language, Card | None], str]] = {
    "html": render_html,
    "md": render_markdown,
    "json": render_json,
}


@dataclass(frozen=True)
class WrittenCard:
    """One version of one use case's card that was written."""

    use_case: str
    version: str


def write(settings: Settings, as_of: datetime) -> list[WrittenCard]:
    """Write a new version of every card whose content (all but its date) changed; return those written.

    Raises:
        UserError: a rule is wrong.
        StageError: a bias figure is empty or constant, or the champion's manifest cannot be read.
    """
    return write_from(gather(settings, as_of))


def write_from(inputs: Inputs) -> list[WrittenCard]:
    """The same from inputs that were gathered before."""
    made = (_write_one(inputs, use_case) for use_case in USE_CASES)
    return [card for card in made if card is not None]


def _write_one(inputs: Inputs, use_case: str) -> WrittenCard | None:
    paths = inputs.settings.paths
    last = latest(paths, use_case)
    card = USE_CASES[use_case](inputs)
    if card is None or (last is not None and last.content() == card.content()):
        return None
    card = card.model_copy(
        update={
            "version": next_version(paths, use_case, inputs.as_of),
            "previous_version": last.version if last else None,
        }
    )
    save(paths, card, rendered_files(card, last))
    return WrittenCard(use_case, card.version)


def rendered_files(card: Card, last: Card | None) -> dict[str, str]:
    """Every form of a card: ``card.<language>.<format>``, ``changes.<language>.html`` and ``.json``."""
    files = {}
    for language in LANGUAGES:
        for form, render in FORMATS.items():
            files[f"card.{language}.{form}"] = render(card, language, last)
        files[f"changes.{language}.html"] = render_changes(last, card, language)
        difference = as_json(last, card, language) if last else None
        files[f"changes.{language}.json"] = json.dumps(difference, ensure_ascii=False, indent=1) + "\n"
    return files
