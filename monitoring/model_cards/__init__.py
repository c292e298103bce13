"""Model cards (MC-1, MC-2): what a use case does, written from the objects that run it."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.settings import Settings
    from monitoring.model_cards.write_cards import WrittenCard


def write(settings: "Settings", as_of: datetime) -> "list[WrittenCard]":
    """Write a new version of every card whose content changed; see `write_cards.write` (imported only now)."""
    from monitoring.model_cards.write_cards import write as write_cards

    return write_cards(settings, as_of)
