"""Figures, tables and plots of the detector's card: all from the champion's manifest and its gates' note."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.contracts.ad_detection import TARGETS
from monitoring.model_cards.content import Block, Figure, Figures, Paragraph, Row, Sentence, Table, Value
from monitoring.model_cards.detector_facts import DetectorFacts, is_reached
from monitoring.model_cards.sections.ad_detection_plots import look_ahead, reliability
from monitoring.model_cards.sections.values import count, hours, terms, words
from monitoring.model_cards.wording import say

_LABELS = ("ad", "talk", "music")
_FRAMES_A_MINUTE = 600
Report = Mapping[str, Any]


def tested(facts: DetectorFacts, report: Report) -> tuple[Block, ...]:
    """On what it was measured, against which targets, and what each part brings."""
    own = report.get("sound", {}).get("origin", "own") == "own"
    lead = say(
        "detector.tests.own" if own else "detector.tests.lead",
        stations=count(len(report.get("stations", ()))),
        hours=hours(report["hours"], digits=1),
        origin=_origin(report.get("sound", {})),
    )
    return (Paragraph(text=lead), _targets(facts), _confusion(report), _parts(report))


def figures(facts: DetectorFacts, report: Report) -> tuple[Block, ...]:
    """Accuracy with its interval over stations, F1 by class, borders, speed."""
    low, high = report.get("frame_accuracy_interval") or (None, None)
    right = Value(unit="share", number=report["frame_accuracy"], low=low, high=high, digits=1)
    found = [_figure("frame_accuracy", right)]
    found += [
        _figure(f"f1_{label}", Value(unit="ratio", number=report["f1"][label], digits=3))
        for label in _LABELS
        if report["f1"].get(label) is not None
    ]
    if report.get("boundary_error_s") is not None:
        found.append(_figure("border", _seconds(report["boundary_error_s"])))
    found.append(
        Figure(
            key="detector.speed",
            label=say("detector.figure.speed"),
            value=Value(unit="ratio", number=report["realtime_factor"], digits=0),
            meaning=say("detector.figure.speed_meaning"),
        )
    )
    return (Figures(items=tuple(found)), *reliability(report), *look_ahead(report))


def sound(facts: DetectorFacts) -> tuple[Block, ...]:
    """Hours by class and origin, of what was learned from and of what was tested on; nothing for an old manifest."""
    used = [("learned", each) for each in facts.manifest.get("sound", ())]
    if facts.evaluation is not None and "sound" in facts.evaluation:
        used.append(("tested", facts.evaluation["sound"]))
    if not used:
        return ()
    rows = tuple(
        Row(
            key=f"{use}.{place}",
            cells=(
                say(f"detector.use.{use}"),
                _origin(each),
                Value(unit="share", number=each["recorded_share"], digits=0),
                count(each["files"]),
                *(hours(each["hours"].get(label, 0.0), digits=2) for label in _LABELS),
            ),
        )
        for place, (use, each) in enumerate(used)
    )
    heads = (*(say(f"detector.training.{key}") for key in ("use", "origin", "share", "stations")), *_label_heads())
    return (Table(key="detector.sound", caption=say("detector.training.caption"), columns=heads, rows=rows),)


def named_targets(names: Sequence[str]) -> Sentence:
    """Which targets are not reached, in both languages."""
    text = say("detector.issue.missed", figures=words("-"))
    labels = [say(f"detector.target.{name}") for name in names]
    de, en = "; ".join(each.de for each in labels), "; ".join(each.en for each in labels)
    return text.model_copy(
        update={"de": text.de.replace("{figures}", de), "en": text.en.replace("{figures}", en), "values": {}}
    )


def corrections(facts: DetectorFacts) -> tuple[Block, ...]:
    """Seconds of errors on stretches that people corrected, by the version before and by this one (AD-6)."""
    found = facts.manifest.get("corrections")
    if not found:
        return (Paragraph(text=say("detector.corrections.none")),)
    rows = tuple(
        Row(
            key=error,
            cells=(
                say(f"detector.corrections.{error}"),
                *(
                    _seconds(found[when][f"{error}_s"]) if found.get(when) else Value(unit="seconds")
                    for when in ("before", "after")
                ),
            ),
        )
        for error in ("false_ad", "missed_ad")
    )
    heads = tuple(say(f"detector.corrections.{key}") for key in ("error", "before", "after"))
    return (Table(key="detector.corrections", caption=say("detector.corrections.caption"), columns=heads, rows=rows),)


def gates(facts: DetectorFacts) -> tuple[Block, ...]:
    """Every gate with value and threshold; nothing where none left a note."""
    rows = tuple(
        Row(
            key=gate["name"],
            cells=(
                terms(f"gate.{gate['name']}"),
                Value(unit="ratio", number=gate["value"], digits=3),
                Value(unit="ratio", number=gate["threshold"], digits=3),
                say("detector.yes" if gate["is_passed"] else "detector.no"),
            ),
        )
        for gate in facts.gates
    )
    if not rows:
        return ()
    heads = tuple(say(f"detector.gates.{key}") for key in ("gate", "value", "threshold", "passed"))
    return (Table(key="detector.gates", caption=say("detector.gates.caption"), columns=heads, rows=rows),)


def _targets(facts: DetectorFacts) -> Table:
    reached = facts.reached()
    rows = tuple(
        Row(
            key=name,
            cells=(
                say(f"detector.target.{name}"),
                _target_value(name, reached.get(name)),
                _target_value(name, wanted),
                say("detector.yes" if name in reached and is_reached(name, reached[name]) else "detector.no"),
            ),
        )
        for name, wanted in TARGETS.items()
    )
    heads = tuple(say(f"detector.target.{key}") for key in ("figure", "found", "wanted", "reached"))
    return Table(key="detector.targets", caption=say("detector.target.caption"), columns=heads, rows=rows)


def _confusion(report: Report) -> Table:
    minutes = report["confusion"]
    rows = tuple(
        Row(
            key=label,
            cells=(
                say(f"term.{label}"),
                *(Value(unit="ratio", number=minutes[label][said] / _FRAMES_A_MINUTE, digits=1) for said in _LABELS),
            ),
        )
        for label in _LABELS
    )
    heads = (say("detector.confusion.truth"), *_label_heads())
    return Table(key="detector.confusion", caption=say("detector.confusion.caption"), columns=heads, rows=rows)


def _parts(report: Report) -> Table:
    parts = {**report.get("parts", {}), "detector": report}
    rows = tuple(
        Row(
            key=name,
            cells=(
                terms(f"part.{name}"),
                Value(unit="share", number=each["frame_accuracy"], digits=1),
                Value(unit="ratio", number=each["f1"]["ad"], digits=3),
                _seconds(each["boundary_error_s"]),
            ),
        )
        for name, each in parts.items()
    )
    heads = (
        say("detector.parts.part"),
        *(say(f"detector.figure.{key}") for key in ("frame_accuracy", "f1_ad", "border")),
    )
    return Table(key="detector.parts", caption=say("detector.parts.caption"), columns=heads, rows=rows)


def _origin(sound: Mapping[str, Any]) -> Value:
    """As ``training.ad_detection.sound`` names it."""
    return terms(f"origin.{sound.get('origin', 'own')}")


def _target_value(name: str, number: float | None) -> Value:
    if name.endswith("_s"):
        return _seconds(number)
    return Value(unit="ratio" if name == "ad_f1" else "share", number=number, digits=3 if name == "ad_f1" else 1)


def _label_heads() -> tuple[Sentence, ...]:
    return tuple(say(f"term.{label}") for label in _LABELS)


def _seconds(number: float | None) -> Value:
    return Value(unit="seconds", number=number, digits=1)


def _figure(name: str, value: Value) -> Figure:
    return Figure(key=f"detector.{name}", label=say(f"detector.figure.{name}"), value=value)
