"""What a model card is made of: typed sections that every format and the page of changes read alike (MC-1)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.contracts.origin import DataOrigin

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")
Nature = Literal["set", "measured"]
Unit = Literal[
    "count",
    "share",
    "ratio",
    "days",
    "hours",
    "minutes",
    "seconds",
    "milliseconds",
    "instant",
    "date",
    "words",
    "terms",
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(_Part):
    """One figure or word as the running object has it; it is written out per language only when shown.

    ``share`` is 0..1; ``instant`` and ``date`` are RFC 3339 text in ``words``; ``terms`` are keys that each language
    has its own word for.
    """

    unit: Unit
    number: float | None = None
    low: float | None = None
    high: float | None = None
    digits: int | None = None
    words: tuple[str, ...] = ()

    def alone(self) -> "Value":
        """The value without its range."""
        return self.model_copy(update={"low": None, "high": None})


class Sentence(_Part):
    """A text in both languages with ``{named}`` values; ``nature`` says whether people set it or it was measured.

    ``number`` is the requirement that it states, e.g. NV-T1.
    """

    key: str
    number: str = ""
    de: str
    en: str
    values: dict[str, Value] = {}
    nature: Nature = "set"


class Rule(_Part):
    """An editors' rule in its own words; one that is switched off says so instead."""

    number: str
    is_on: bool
    title: Sentence
    text: Sentence


class Figure(_Part):
    """A named figure; ``key`` is the same on every card, so that the last card's value can be found."""

    key: str
    label: Sentence
    value: Value
    meaning: Sentence | None = None
    nature: Nature = "measured"


class Source(_Part):
    title: str
    authors: str
    year: str
    where: str


class Row(_Part):
    key: str
    cells: tuple[Value | Sentence, ...]


class Heading(_Part):
    kind: Literal["heading"] = "heading"
    text: Sentence


class Paragraph(_Part):
    kind: Literal["paragraph"] = "paragraph"
    text: Sentence


class Notice(_Part):
    """Something that is missing or doubtful, told plainly."""

    kind: Literal["notice"] = "notice"
    text: Sentence


class Bullets(_Part):
    kind: Literal["bullets"] = "bullets"
    items: tuple[Sentence, ...]


class Rules(_Part):
    kind: Literal["rules"] = "rules"
    items: tuple[Rule, ...]


class Figures(_Part):
    kind: Literal["figures"] = "figures"
    items: tuple[Figure, ...]


class Table(_Part):
    kind: Literal["table"] = "table"
    key: str
    caption: Sentence
    columns: tuple[Sentence, ...]
    rows: tuple[Row, ...]
    nature: Nature = "measured"


class Plot(_Part):
    """``data`` is what ``plots`` draws: plain lists and numbers, documented by the drawing function of ``shape``."""

    kind: Literal["plot"] = "plot"
    key: str
    shape: Literal["bars", "lines", "intervals"]
    title: Sentence
    description: Sentence
    is_described: bool = True
    """Whether the description stands beside the title; where a figure says the same, only screen readers get it."""
    data: dict[str, Any]


class Sources(_Part):
    kind: Literal["sources"] = "sources"
    items: tuple[Source, ...]


Block = Annotated[
    Heading | Paragraph | Notice | Bullets | Rules | Figures | Table | Plot | Sources, Field(discriminator="kind")
]


class Section(_Part):
    key: str
    title: Sentence
    blocks: tuple[Block, ...]


class Card(_Part):
    """One use case's card. ``version`` and ``made_at`` are its date; everything else is its content."""

    use_case: str
    title: Sentence
    summary: Sentence
    sections: tuple[Section, ...]
    data_origin: DataOrigin = "unmarked"
    made_at: datetime
    version: str = ""
    previous_version: str | None = None

    def content(self) -> dict[str, Any]:
        """The card without its date: two cards that say the same have the same content."""
        return self.model_dump(mode="json", exclude={"made_at", "version", "previous_version"})
