"""The card's texts: YAML files beside this one, one entry a sentence, German and English side by side."""

from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from monitoring.model_cards.content import Language, Sentence, Value

TEXTS = Path(__file__).parent / "texts"


@cache
def all_texts() -> dict[str, dict[str, str]]:
    """Every text of the cards: ``{key: {"de", "en", "nature"}}``; read once, when the first card is made."""
    texts: dict[str, dict[str, str]] = {}
    for file in sorted(TEXTS.glob("*.yaml")):
        texts |= yaml.safe_load(file.read_text(encoding="utf-8"))
    return texts


def say(key: str, **values: Value) -> Sentence:
    """Return the text named ``key`` with its values.

    Raises:
        KeyError: no such text, or a value that the text names was not given.
    """
    entry: dict[str, Any] = all_texts()[key]
    made = Sentence(
        key=key,
        number=entry.get("number", ""),
        de=entry["de"].strip(),
        en=entry["en"].strip(),
        values=values,
        nature=entry.get("nature", "set"),
    )
    if missing := {*placeholders(made.de), *placeholders(made.en)} - values.keys():
        raise KeyError(f"{key}: no value for {sorted(missing)}")
    return made


def known(key: str) -> bool:
    """Whether there is a text of this name."""
    return key in all_texts()


def placeholders(template: str) -> set[str]:
    """Names of the values that a text asks for."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def term(word: str, language: Language) -> str:
    """Translate a key such as a genre or a device class; an unknown one is shown as it is."""
    entry = all_texts().get(f"term.{word}")
    return entry[language] if entry else word
