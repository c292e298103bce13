"""A card as JSON: the same texts and figures as the page, each with its raw value beside the written one."""

import json
from typing import Any

from monitoring.model_cards.content import Block, Card, Figure, Language, Sentence, Table, Value
from monitoring.model_cards.frame import framed
from monitoring.model_cards.show import sentence, show


def render_json(card: Card, language: Language, previous: Card | None = None) -> str:
    """Return the card in one language; ``previous`` (the last card) gives each figure its last value."""
    last = figures_of(previous) if previous else {}
    made = {
        **framed(card, language),
        "sections": [
            {
                "key": section.key,
                "title": sentence(section.title, language),
                "blocks": [_block(block, language, last) for block in section.blocks],
            }
            for section in card.sections
        ],
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def figures_of(card: Card) -> dict[str, Figure]:
    """Every named figure of a card by its key."""
    blocks = (block for section in card.sections for block in section.blocks if block.kind == "figures")
    return {figure.key: figure for block in blocks for figure in block.items}


def _block(block: Block, language: Language, last: dict[str, Figure]) -> dict[str, Any]:
    match block.kind:
        case "heading" | "paragraph" | "notice":
            return {"kind": block.kind, **_text(block.text, language)}
        case "bullets":
            return {"kind": block.kind, "items": [_text(item, language) for item in block.items]}
        case "rules":
            return {"kind": block.kind, "items": [_rule(rule, language) for rule in block.items]}
        case "figures":
            return {"kind": block.kind, "items": [_figure(each, language, last.get(each.key)) for each in block.items]}
        case "table":
            return _table(block, language)
        case "plot":
            texts = {"title": sentence(block.title, language), "description": sentence(block.description, language)}
            return {"kind": block.kind, "key": block.key, "shape": block.shape, **texts, "data": block.data}
        case _:
            return {"kind": block.kind, "items": [item.model_dump() for item in block.items]}


def _text(text: Sentence, language: Language) -> dict[str, Any]:
    made: dict[str, Any] = {"key": text.key, "text": sentence(text, language)}
    if text.number:
        made["number"] = text.number
    if text.values:
        made["values"] = {name: _value(value, language) for name, value in text.values.items()}
    return made


def _rule(rule: Any, language: Language) -> dict[str, Any]:
    title = sentence(rule.title, language)
    return {"number": rule.number, "title": title, "is_on": rule.is_on, **_text(rule.text, language)}


def _figure(figure: Figure, language: Language, last: Figure | None) -> dict[str, Any]:
    made = {"key": figure.key, "label": sentence(figure.label, language), **_value(figure.value, language)}
    if figure.meaning:
        made["meaning"] = sentence(figure.meaning, language)
    made["previous"] = last.value.number if last else None
    return made


def _table(table: Table, language: Language) -> dict[str, Any]:
    return {
        "kind": "table",
        "key": table.key,
        "caption": sentence(table.caption, language),
        "columns": [sentence(column, language) for column in table.columns],
        "rows": [{"key": row.key, "cells": [_cell(cell, language) for cell in row.cells]} for row in table.rows],
    }


def _cell(cell: Value | Sentence, language: Language) -> dict[str, Any]:
    return _value(cell, language) if isinstance(cell, Value) else {"shown": sentence(cell, language)}


def _value(value: Value, language: Language) -> dict[str, Any]:
    made: dict[str, Any] = {"unit": value.unit, "shown": show(value, language)}
    if value.words:
        made["words"] = list(value.words)
    else:
        made["value"] = value.number
    if value.low is not None:
        made |= {"low": value.low, "high": value.high}
    return made
