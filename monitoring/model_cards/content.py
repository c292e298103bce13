"""What a model card is made of: typed sections that every format and the page of changes read alike (MC-1)."""

from collections.abc import Iterator
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


class Entry(_Part):
    """One thing on a card that can change: a figure, a rule, a sentence or a table's cell."""

    section: str
    key: str
    nature: Nature
    label: Sentence | None
    is_rule: bool = False
    shown: Value | Sentence


def entries(card: Card) -> Iterator[Entry]:
    """Yield everything on the card that can change, in reading order (plots repeat figures and are left out)."""
    for section in card.sections:
        for block in section.blocks:
            yield from _of_block(section.key, block)


def _of_block(section: str, block: Block) -> Iterator[Entry]:
    match block:
        case Heading() | Paragraph() | Notice():
            yield _sentence(section, block.text)
        case Bullets():
            yield from (_sentence(section, item) for item in block.items)
        case Table():
            yield from _cells(section, block)
        case Plot():
            return
        case _:
            yield from _items(section, block)


def _items(section: str, block: Rules | Figures | Sources) -> Iterator[Entry]:
    match block:
        case Rules():
            for rule in block.items:
                yield Entry(
                    section=section, key=rule.text.key, nature="set", label=rule.title, is_rule=True, shown=rule.text
                )
        case Figures():
            for figure in block.items:
                yield Entry(
                    section=section, key=figure.key, nature=figure.nature, label=figure.label, shown=figure.value
                )
        case Sources():
            for source in block.items:
                text = f"{source.authors} ({source.year}): {source.title}"
                shown = Value(unit="words", words=(text,))
                yield Entry(section=section, key=f"source.{source.title}", nature="set", label=None, shown=shown)


def _sentence(section: str, text: Sentence) -> Entry:
    return Entry(section=section, key=text.key, nature=text.nature, label=None, shown=text)


def _cells(section: str, table: Table) -> Iterator[Entry]:
    for row in table.rows:
        for index, cell in enumerate(row.cells[1:], start=1):
            yield Entry(
                section=section,
                key=f"{table.key}.{row.key}.{index}",
                nature=table.nature,
                label=_cell_label(table, row, index),
                shown=cell,
            )


def _cell_label(table: Table, row: Row, index: int) -> Sentence:
    """Name a cell by its row's head and its column: both languages, the head's values kept."""
    head, column = row.cells[0], table.columns[index]
    if isinstance(head, Value):
        head = Sentence(key=row.key, de="{head}", en="{head}", values={"head": head})
    return Sentence(
        key=f"{table.key}.{row.key}.{index}",
        de=f"{head.de}: {column.de}",
        en=f"{head.en}: {column.en}",
        values={**column.values, **head.values},
    )
