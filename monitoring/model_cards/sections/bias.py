"""The biases with their present figures and plots (NV-M1), as the bias report has them."""

from typing import Any

from monitoring.bias.figures import Figure as Measured
from monitoring.bias.figures import FigureError
from monitoring.model_cards.content import Block, Figure, Figures, Notice, Paragraph, Plot, Sentence, Unit, Value
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.sections.values import count, instant
from monitoring.model_cards.wording import known, say

_UNITS: dict[str, Unit] = {"days": "days", "share": "share"}
_DIGITS = {"days": 1, "plays": 0, "ratio": 2, "bits": 3, "index": 3}


def bias(inputs: Inputs) -> tuple[Block, ...]:
    """Lead, figures by topic, plots; a plain word where there is no report yet."""
    lead = Paragraph(text=say("bias.lead"))
    if inputs.bias is None:
        return lead, Notice(text=say("bias.none"))
    report = inputs.bias
    measured = say("bias.measured", date=instant(report.as_of), requests=count(report.request_count))
    plots = tuple(plot(each) for each in report.figures if each.chart and each.series)
    figures = Figures(items=tuple(figure(each) for each in report.figures))
    return lead, Paragraph(text=measured), figures, *(error(each) for each in report.errors), *plots


def error(each: FigureError) -> Notice:
    """A measure that says nothing is an error on the card, never a zero."""
    de, en = _literal(f"{each.label_de}: {each.reason_de}"), _literal(f"{each.label_en}: {each.reason_en}")
    return Notice(
        text=Sentence(key=f"bias.{each.key}.error", de=f"Fehler der Messung: {de}", en=f"Error of measurement: {en}")
    )


def figure(each: Measured) -> Figure:
    """One measure of the report as a figure of the card, under a key of the same name."""
    unit = _UNITS.get(each.unit, "ratio")
    value = Value(unit=unit, number=each.value, low=each.low, high=each.high, digits=_DIGITS.get(each.unit))
    key = f"bias.{each.key}"
    return Figure(
        key=key,
        label=_label(each),
        value=value,
        meaning=Sentence(key=f"{key}.meaning", de=_literal(each.text_de), en=_literal(each.text_en)),
    )


def plot(each: Measured) -> Plot:
    """The measure's plot; ``data``: labels of both axes, and series of ``x`` and ``y`` with a label each."""
    data: dict[str, Any] = {
        "unit": each.unit,
        "x_label": {"de": each.x_label_de, "en": each.x_label_en},
        "y_label": {"de": each.y_label_de, "en": each.y_label_en},
        "series": [
            {"label": {"de": one.label_de, "en": one.label_en}, "x": list(one.x), "y": list(one.y)}
            for one in each.series
        ],
    }
    key = f"bias.{each.key}"
    return Plot(
        key=key,
        shape="bars" if each.chart == "bars" else "lines",
        title=say(f"plot.{each.key}") if known(f"plot.{each.key}") else _label(each),
        description=Sentence(key=f"{key}.plot", de=_literal(each.text_de), en=_literal(each.text_en)),
        is_described=False,
        data=data,
    )


def _label(each: Measured) -> Sentence:
    return Sentence(key=f"bias.{each.key}", de=_literal(each.label_de), en=_literal(each.label_en))


def _literal(text: str) -> str:
    """Text from elsewhere names no values: its braces are braces."""
    return text.replace("{", "{{").replace("}", "}}")
