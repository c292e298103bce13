"""How well the model foretells, against its baselines and with intervals, and how it learned (NV-T4)."""

from typing import Any

from monitoring.model_cards.content import Block, Paragraph, Plot, Row, Table, Value
from monitoring.model_cards.sections.values import count, terms
from monitoring.model_cards.trained import COMBINATION, ITEM_KNN, METRICS, POPULARITY, Measure, Trained, TrainedModel
from monitoring.model_cards.wording import say

_ORDER = (COMBINATION, "sequence", "similarity", ITEM_KNN, POPULARITY)
_SHORT = (COMBINATION, ITEM_KNN, POPULARITY)
RANKING = "ndcg_at_10"


def quality(trained: Trained) -> tuple[Block, ...]:
    """Lead, one row a model, the main model's figures against every method, and two plots."""
    main = trained.main
    if not main.measures:
        return ()
    lead = Paragraph(text=say("algorithm.quality", devices=count(main.test_devices)))
    blocks = (lead, _by_class(trained), _by_method(main), _intervals(main))
    curves = (("quality.curve", main.loss), ("quality.validation", main.validation))
    return (*blocks, *(_curve(key, values) for key, values in curves if len(values) > 1))


def _by_class(trained: Trained) -> Table:
    keys = ("device_class", "videos", "plays", "devices", "here", "neighbours", "popular")
    rows = tuple(
        Row(
            key=model.name,
            cells=(
                terms(model.name),
                count(model.items),
                Value(unit="count", number=model.plays),
                Value(unit="count", number=model.devices),
                *(_value(model.measures.get(method, {}).get(RANKING)) for method in _SHORT),
            ),
        )
        for model in trained.models
    )
    columns = tuple(say(f"quality.{key}") for key in keys)
    return Table(key="quality.classes", caption=say("quality.classes"), columns=columns, rows=rows)


def _by_method(model: TrainedModel) -> Table:
    names = [name for name in METRICS if any(name in measures for measures in model.measures.values())]
    rows = tuple(
        Row(key=method, cells=(terms(method), *(_value(model.measures[method].get(name)) for name in names)))
        for method in _methods(model)
    )
    columns = (say("algorithm.method"), *(say(f"term.{name}") for name in names))
    return Table(key="quality", caption=say("quality.caption", model=terms(model.name)), columns=columns, rows=rows)


def _methods(model: TrainedModel) -> list[str]:
    """The combination that serves first, then its halves, then the baselines, then whatever else was compared."""
    known = [method for method in _ORDER if method in model.measures]
    return known + [method for method in model.measures if method not in _ORDER]


def _value(measure: Measure | None) -> Value:
    if measure is None:
        return Value(unit="ratio")
    return Value(unit="ratio", number=measure.value, low=measure.low, high=measure.high, digits=3)


def _intervals(model: TrainedModel) -> Plot:
    """``data``: one row a method with its value, low and high (the value twice where there is no interval)."""
    rows: list[dict[str, Any]] = []
    for method in _methods(model):
        if (measure := model.measures[method].get(RANKING)) is not None:
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


def _curve(key: str, values: tuple[float, ...]) -> Plot:
    """``data``: one series over the passes over the data, counted from 1."""
    label = say(f"{key}_axis")
    series = {"label": {"de": label.de, "en": label.en}, "x": list(range(1, len(values) + 1)), "y": list(values)}
    passes = say("quality.passes")
    return Plot(
        key=key,
        shape="lines",
        title=say(key),
        description=say(f"{key}_description"),
        data={
            "x_label": {"de": passes.de, "en": passes.en},
            "y_label": {"de": label.de, "en": label.en},
            "series": [series],
        },
    )
