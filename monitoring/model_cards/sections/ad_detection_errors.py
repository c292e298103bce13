"""Errors of the detector's card: by kind of content, and the longest ones by file and time (AD-9)."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitoring.model_cards.content import Block, Row, Table, Value
from monitoring.model_cards.sections.ad_detection_plots import wrong_by_kind
from monitoring.model_cards.sections.values import terms, words
from monitoring.model_cards.wording import say

Report = Mapping[str, Any]


def errors(report: Report) -> tuple[Block, ...]:
    """Errors by kind of content, and the longest of them by place."""
    kinds = report.get("kinds") or {}
    blocks: list[Block] = []
    if kinds:
        rows = tuple(
            Row(
                key=kind,
                cells=(
                    terms(f"kind.{kind}"),
                    Value(unit="ratio", number=each["seconds"] / 60, digits=1),
                    Value(unit="share", number=each["frame_accuracy"], digits=1),
                    terms(*_most(each["wrong_as"])),
                ),
            )
            for kind, each in kinds.items()
        )
        heads = tuple(say(f"detector.kinds.{key}") for key in ("kind", "minutes", "right", "taken"))
        blocks.append(Table(key="detector.kinds", caption=say("detector.kinds.caption"), columns=heads, rows=rows))
        wrong = {f"kind.{kind}": 1 - each["frame_accuracy"] for kind, each in kinds.items()}
        if any(wrong.values()):
            blocks.append(wrong_by_kind(wrong))
    if examples := report.get("examples"):
        blocks.append(_examples(examples))
    return tuple(blocks)


def worst(report: Report, most: int = 3) -> list[str]:
    """Terms of the kinds of content that are recognised worst, all with an error."""
    kinds = report.get("kinds") or {}
    order = sorted(kinds, key=lambda kind: kinds[kind]["frame_accuracy"])
    return [f"kind.{kind}" for kind in order[:most] if kinds[kind]["frame_accuracy"] < 1]


def _examples(found: Sequence[Report]) -> Table:
    rows = tuple(
        Row(
            key=str(place),
            cells=(
                _where(each),
                terms(f"kind.{each['kind']}") if each.get("kind") else say(f"term.{each['truth']}"),
                say(f"term.{each['said']}"),
                Value(unit="ratio", number=each["end_s"] - each["start_s"], digits=1),
            ),
        )
        for place, each in enumerate(found)
    )
    heads = (
        say("detector.examples.place"),
        say("detector.confusion.truth"),
        say("detector.examples.said"),
        say("detector.examples.seconds"),
    )
    return Table(key="detector.examples", caption=say("detector.examples.caption"), columns=heads, rows=rows)


def _where(each: Report) -> Value:
    start, end = (f"{int(at // 60)}:{at % 60:04.1f}" for at in (each["start_s"], each["end_s"]))
    return words(f"{each['file']} {start}–{end}")


def _most(wrong_as: Mapping[str, float]) -> tuple[str, ...]:
    """The label that most of the errors went to; nothing without errors."""
    label = max(wrong_as, key=lambda name: wrong_as[name], default=None)
    return (label,) if label is not None and wrong_as[label] > 0 else ()
