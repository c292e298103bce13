"""Everything on a card that can change, one by one: what the page of changes compares."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from monitoring.model_cards.content import (
    Block,
    Bullets,
    Card,
    Figures,
    Heading,
    Nature,
    Notice,
    Paragraph,
    Plot,
    Row,
    Rules,
    Sentence,
    Sources,
    Table,
    Value,
)


class Entry(BaseModel):
    """One thing on a card that can change: a figure, a rule, a sentence or a table's cell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
