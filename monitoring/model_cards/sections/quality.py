"""How well the model foretells, against its baselines and with intervals, and how it learned (NV-T4)."""

from typing import Any

from monitoring.model_cards.content import Block, Paragraph, Plot, Row, Table, Value
from monitoring.model_cards.sections.values import terms
from monitoring.model_cards.trained import METRICS, Measure, Trained, TrainedModel
from monitoring.model_cards.wording import say


def quality(trained: Trained) -> tuple[Block, ...]:
    model = trained.main
    blocks: list[Block] = []
    if model.measures:
        blocks += [Paragraph(text=say("algorithm.quality")), _table(model), _intervals(model)]
    if len(model.loss) > 1:
        blocks.append(_curve(model))
    return tuple(blocks)


def _table(model: TrainedModel) -> Table:
    names = [name for name in METRICS if any(name in measures for measures in model.measures.values())]
    rows = tuple(
        Row(key=method, cells=(terms(method), *(_value(measures.get(name)) for name in names)))
        for method, measures in model.measures.items()
    )
    columns = (say("algorithm.method"), *(say(f"term.{name}") for name in names))
    return Table(key="quality", caption=say("quality.caption", model=terms(model.name)), columns=columns, rows=rows)


def _value(measure: Measure | None) -> Value:
    if measure is None:
        return Value(unit="ratio")
    return Value(unit="ratio", number=measure.value, low=measure.low, high=measure.high, digits=3)


def _intervals(model: TrainedModel) -> Plot:
    """``data``: one row a method with its value, low and high (the value twice where there is no interval)."""
    rows: list[dict[str, Any]] = []
    for method, measures in model.measures.items():
        if (measure := measures.get("ndcg_at_10")) is not None:
            low = measure.value if measure.low is None else measure.low
            high = measure.value if measure.high is None else measure.high
            rows.append({"method": method, "value": measure.value, "low": low, "high": high})
    return Plot(
        key="quality",
        shape="intervals",
        title=say("quality.plot"),
        description=say("quality.plot_description"),
        data={"rows": rows},
    )


def _curve(model: TrainedModel) -> Plot:
    epochs = list(range(1, len(model.loss) + 1))
    series = [{"label": {"de": "Fehler", "en": "loss"}, "x": epochs, "y": list(model.loss)}]
    return Plot(
        key="learning",
        shape="lines",
        title=say("quality.curve"),
        description=say("quality.curve_description"),
        data={
            "x_label": {"de": "Durchgang", "en": "pass over the data"},
            "y_label": {"de": "Fehler beim Lernen", "en": "loss while learning"},
            "series": series,
        },
    )
