"""How a value is written in German and in English: 1.234,5 and 1,234.5 (DIN 5008; hard spaces before units)."""

from dataclasses import dataclass
from datetime import datetime

from monitoring.model_cards.content import Language, Sentence, Value
from monitoring.model_cards.wording import term

_MONTHS = {
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
}  # fmt: skip
_DEFAULT_DIGITS = {"count": 0, "share": 1, "ratio": 3}
_UNITS = {
    "days": (("Tag", "Tage"), ("day", "days")),
    "hours": (("Stunde", "Stunden"), ("hour", "hours")),
    "minutes": (("Minute", "Minuten"), ("minute", "minutes")),
    "seconds": (("Sekunde", "Sekunden"), ("second", "seconds")),
    "milliseconds": (("ms", "ms"), ("ms", "ms")),
}
_SPACE = "\u00a0"


def number(value: float, language: Language, digits: int) -> str:
    """Write a number with the language's marks for thousands and decimals."""
    text = f"{value:,.{digits}f}".replace("-", "−")
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def day(instant: datetime, language: Language) -> str:
    month = _MONTHS[language][instant.month - 1]
    return f"{instant.day}.{_SPACE}{month}{_SPACE}{instant.year}" if language == "de" else (
        f"{instant.day}{_SPACE}{month}{_SPACE}{instant.year}"
    )  # fmt: skip


def moment(instant: datetime, language: Language) -> str:
    clock = f"{instant:%H:%M}{_SPACE}" + ("Uhr UTC" if language == "de" else "UTC")
    return f"{day(instant, language)}, {clock}"


def show(value: Value, language: Language) -> str:
    """Write one value; a value with ``low`` and ``high`` is followed by its range."""
    if value.unit == "words":
        return _listed(value.words, language)
    if value.unit == "terms":
        return _listed(tuple(term(word, language) for word in value.words), language)
    if value.unit == "instant":
        return moment(datetime.fromisoformat(value.words[0]), language)
    if value.unit == "date":
        return day(datetime.fromisoformat(value.words[0]), language)
    if value.number is None:
        return "–"
    shown = _with_unit(value.number, value, language)
    if value.low is None or value.high is None:
        return shown
    between = f"{_plain(value.low, value, language)}–{_plain(value.high, value, language)}"
    return f"{shown} ({between})"


def sentence(text: Sentence, language: Language) -> str:
    """Write a sentence with its values put in."""
    template = text.de if language == "de" else text.en
    return template.format(**{name: _Written(value, language) for name, value in text.values.items()})


@dataclass(frozen=True)
class _Written:
    """A value on its way into a text; ``{days:dative}`` is what German says after "nach" and "aus"."""

    value: Value
    language: Language

    def __format__(self, case: str) -> str:
        shown = show(self.value, self.language)
        return f"{shown}n" if case == "dative" and shown.endswith("Tage") else shown


def _plain(figure: float, value: Value, language: Language) -> str:
    scale = 100 if value.unit == "share" else 1
    digits = value.digits
    if digits is None:
        digits = _DEFAULT_DIGITS.get(value.unit, 0 if float(figure).is_integer() else 1)
    if value.unit == "share" and value.digits is None and _is_whole(value):
        digits = 0
    return number(figure * scale, language, digits)


def _is_whole(value: Value) -> bool:
    """Whether a share and its range are whole percents: then no decimal is shown."""
    band = (each for each in (value.number, value.low, value.high) if each is not None)
    return all(round(each * 100, 6).is_integer() for each in band)


def _with_unit(figure: float, value: Value, language: Language) -> str:
    plain = _plain(figure, value, language)
    if value.unit == "share":
        return f"{plain}{_SPACE}%" if language == "de" else f"{plain}%"
    if value.unit in _UNITS:
        one, many = _UNITS[value.unit][0 if language == "de" else 1]
        return f"{plain}{_SPACE}{one if figure == 1 else many}"
    return plain


def _listed(words: tuple[str, ...], language: Language) -> str:
    if len(words) < 2:
        return words[0] if words else "–"
    joint = "und" if language == "de" else "and"
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"
