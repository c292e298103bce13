"""What a title or a path says about season and episode, in the forms that German and English libraries use."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_WORDS = {
    "erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "fünft": 5, "fuenft": 5, "sechst": 6, "siebt": 7, "siebent": 7,
    "acht": 8, "neunt": 9, "zehnt": 10,
    "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "fuenf": 5, "sechs": 6, "sieben": 7, "neun": 9, "zehn": 10,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_ROMAN = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10, "xi": 11, "xii": 12,
}  # fmt: skip
_WORD = (
    r"[ivx]{1,4}|eins|zwei|drei|vier|f(?:ü|ue)nf|sechs|sieben|acht|neun|zehn"
    r"|one|two|three|four|five|six|seven|eight|nine|ten"
)
_ORDINAL = (
    r"(?:\d{1,4}\.|(?:erst|zweit|dritt|viert|f(?:ü|ue)nft|sechst|siebt|siebent|acht|neunt|zehnt)(?=e[rns]?\b)e[rns]?)"
)
_GAP = r"[\s:.\-_#]{0,3}"


def _number(group: str) -> str:
    """Digits, or a number word right behind a blank: "Folge: Zwei Brüder" names no number."""
    return rf"(?:{_GAP}(?=\d)|\s)(?P<{group}>\d{{1,4}}|{_WORD})\b"


_EPISODE = r"(?:folge|episode|ep|kapitel|chapter|flg)"
_SEASON = r"(?:staffel|season|stf)"


_KEPT_TEXTS: Final = 1 << 17
"""A catalogue is read again whenever a line of it changes; nearly all texts are the same then."""


@dataclass(frozen=True)
class Mark:
    """A number found in a text; ``kind`` tells how: the marks of one kind are judged together."""

    kind: str
    season: int | None
    episode: int | None
    """None where only a season is named."""


_SEASON_FORMS: Final = tuple(
    re.compile(pattern) for pattern in (rf"\b{_SEASON}{_number('season')}", rf"\b(?P<season>{_ORDINAL})\s?{_SEASON}\b")
)
# Ordered: the first form that is found counts, from the plainest to the one that most often means something else.
_EPISODE_FORMS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("code", r"\bs(?P<season>\d{1,4})[\s/._\-]{0,3}(?:e|f|ep)(?P<episode>\d{1,4})\b"),
        ("code", r"\b(?P<season>\d{1,2})x(?P<episode>\d{2,3})\b"),
        ("episode", rf"\b(?P<episode>{_ORDINAL})\s?{_EPISODE}\b"),
        ("episode", rf"\b{_EPISODE}{_number('episode')}"),
        ("of", r"\(\s?(?P<episode>\d{1,3})\s?(?:/|von|of)\s?\d{1,3}\s?\)"),
        ("of", r"\b(?P<episode>\d{1,3})[\s\-](?:von|of)[\s\-]\d{1,3}\b"),
        ("of", r"(?:^|[\s,:\-])(?P<episode>\d{1,3})/\d{1,3}(?:$|[\s,:\-])"),
        ("part", rf"\b(?P<episode>{_ORDINAL})\s?(?:teil|part)\b"),
        ("part", rf"\b(?:teil|part){_number('episode')}"),
        ("hash", r"#\s?(?P<episode>\d{1,4})\b"),
        ("bracket", r"\(\s?(?P<episode>\d{1,3})\s?\)\s*$"),
    )
)
_PATH_FORMS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("path-code", r"(?:^|[/\-_])s(?P<season>\d{1,4})[\-_]?e(?P<episode>\d{1,4})(?=$|[/\-_.])"),
        ("path-episode", r"(?:^|[/\-_])(?:folge|episode|kapitel)[/\-_]?(?P<episode>\d{1,4})(?=$|[/\-_.])"),
        ("path-of", r"(?:^|[/\-_])(?P<episode>\d{1,3})-von-\d{1,3}(?=$|[/\-_.])"),
        ("path-part", r"(?:^|[/\-_])(?:teil|part)[/\-_]?(?P<episode>\d{1,4})(?=$|[/\-_.])"),
    )
)
_PATH_SEASON: Final = re.compile(r"(?:^|[/\-_])(?:staffel|season)[/\-_]?(?P<season>\d{1,4})(?=$|[/\-_.])")


@lru_cache(maxsize=_KEPT_TEXTS)
def title_mark(title: str) -> Mark | None:
    """Return what a title says ("Folge 3", "S02E05", "(3/6)", "Teil 2", "zweiter Teil"), or None."""
    text = title.casefold()
    if not _MAY_HOLD.search(text):
        return None
    for kind, form in _EPISODE_FORMS:
        if found := form.search(text):
            groups = found.groupdict()
            episode = _value(groups["episode"])
            if episode is not None:
                return Mark(kind, _value(groups.get("season")) or _season_in(text), episode)
    season = _season_in(text)
    return None if season is None else Mark("season", season, None)


@lru_cache(maxsize=_KEPT_TEXTS)
def path_mark(path: str) -> Mark | None:
    """Return what an editorial path says (``/staffel-2/folge-5``), or None."""
    text = path.casefold()
    if not _DIGIT.search(text):
        return None
    for kind, form in _PATH_FORMS:
        if found := form.search(text):
            groups = found.groupdict()
            season = groups.get("season")
            if season is None and (of_season := _PATH_SEASON.search(text)):
                season = of_season["season"]
            return Mark(kind, _value(season), int(groups["episode"]))
    of_season = _PATH_SEASON.search(text)
    return None if of_season is None else Mark("path-season", int(of_season["season"]), None)


_DIGIT: Final = re.compile(r"\d")
_MAY_HOLD: Final = re.compile(r"\d|folge|teil|part|episode|kapitel|chapter|staffel|season")


def _season_in(text: str) -> int | None:
    for form in _SEASON_FORMS:
        if found := form.search(text):
            return _value(found["season"])
    return None


def _value(text: str | None) -> int | None:
    """The number that digits, a Roman numeral or a number word stand for."""
    if not text:
        return None
    plain = text.rstrip(".")
    if plain.isdigit():
        return int(plain)
    if plain in _ROMAN:
        return _ROMAN[plain]
    for ending in ("", "er", "en", "es", "e"):
        if ending and not plain.endswith(ending):
            continue
        value = _WORDS.get(plain.removesuffix(ending) if ending else plain)
        if value is not None:
            return value
    return None
