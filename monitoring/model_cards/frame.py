"""What stands around a card's sections in every format: title, date, version, origin of the data."""

from typing import Any

from monitoring.model_cards.content import Card, Language, Value
from monitoring.model_cards.show import day, moment, sentence
from monitoring.model_cards.wording import all_texts, say


def framed(card: Card, language: Language) -> dict[str, Any]:
    """Return the card's head as plain values and written texts."""
    previous = say("frame.first")
    if card.previous_version:
        previous = say("frame.previous", version=Value(unit="words", words=(card.previous_version,)))
    return {
        "use_case": card.use_case,
        "language": language,
        "title": sentence(card.title, language),
        "summary": sentence(card.summary, language),
        "version": card.version,
        "previous_version": card.previous_version,
        "previous": sentence(previous, language),
        "made_at": card.made_at.isoformat(),
        "date": day(card.made_at, language),
        "moment": moment(card.made_at, language),
        "data_origin": card.data_origin,
        "data_note": fixed(f"frame.{card.data_origin}", language) if card.data_origin in ("synthetic", "mixed") else "",
        "about": fixed("frame.about", language),
    }


def fixed(key: str, language: Language) -> str:
    """A text of the frame that names no value."""
    return all_texts()[key][language].strip()
