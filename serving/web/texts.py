"""What the pages say, in German and English: ``texts.yaml`` beside this file."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")
_FILE = Path(__file__).with_name("texts.yaml")


@lru_cache(maxsize=1)
def texts() -> dict[str, dict[Language, str]]:
    """All texts, by key and language."""
    loaded: dict[str, dict[Language, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def text(key: str, language: Language, **values: str) -> str:
    """Return a text in a language, with named values put in."""
    return texts()[key][language].format(**values)
