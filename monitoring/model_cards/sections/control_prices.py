"""Editors' controls of the ranking: how they are set, and each one's price in accuracy as a curve (issue 5)."""

from typing import Any

from core.algorithms.next_video.ranking_controls import CONTROLS, Control, RankingControls
from monitoring.model_cards.content import Block, Notice, Paragraph, Plot, Row, Sentence, Table, Value
from monitoring.model_cards.sections.values import count, days, share, terms
from monitoring.model_cards.trained import ControlPrices, PricePoint, Trained
from monitoring.model_cards.wording import say

_TOLD = (0.5,)
"""Strengths of the table; the curve has all, and a card should stay short."""


def control_prices(controls: RankingControls, trained: Trained | None) -> tuple[Block, ...]:
    """Lead, what is set, and the main model's table of price and gain; the curve is ``price_plot``."""
    prices = trained.main.control_prices if trained else None
    lead = (Paragraph(text=say("controls.lead")), Paragraph(text=_now(controls)))
    if prices is None or not prices.points:
        return (*lead, Paragraph(text=say("controls.none")))
    differing = _differing(controls, prices)
    return (*lead, *((differing,) if differing else ()), _table(prices))


def price_plot(trained: Trained) -> tuple[Plot, ...]:
    """All controls of the main model in one plot, to stand beside those of its quality; nothing where not measured."""
    prices = trained.main.control_prices
    return (_plot(prices),) if prices and prices.points else ()


def _now(controls: RankingControls) -> Sentence:
    return say(
        "controls.now",
        diversity=share(controls.diversity.weight),
        freshness=share(controls.freshness.weight),
        half_life=days(controls.freshness.half_life_days),
        long_tail=share(controls.long_tail.share),
        most_played=share(controls.long_tail.most_played),
    )


def _differing(controls: RankingControls, prices: ControlPrices) -> Notice | None:
    now = (controls.freshness.half_life_days, controls.long_tail.most_played)
    if now == (prices.half_life_days, prices.most_played):
        return None
    return Notice(
        text=say("controls.differs", half_life=days(prices.half_life_days), most_played=share(prices.most_played))
    )


def _plot(prices: ControlPrices) -> Plot:
    """``data``: a series a control over its strength."""
    series: list[dict[str, Any]] = []
    for control in CONTROLS:
        label, points = say(f"term.{control}"), prices.of(control)
        series.append(
            {
                "label": {"de": label.de, "en": label.en},
                "x": [point.strength for point in points],
                "y": [point.ndcg for point in points],
            }
        )
    strength, quality = say("controls.strength"), say("controls.quality")
    return Plot(
        key="controls",
        shape="lines",
        title=say("controls.plot"),
        description=say("controls.plot_description", users=count(prices.users)),
        data={
            "x_label": {"de": strength.de, "en": strength.en},
            "y_label": {"de": quality.de, "en": quality.en},
            "series": series,
        },
    )


def _table(prices: ControlPrices) -> Table:
    rows = tuple(
        Row(
            key=f"{control}.{point.strength:g}",
            cells=(
                terms(control),
                share(point.strength),
                Value(unit="ratio", number=point.change, low=point.low, high=point.high, digits=3),
                _gain(control, point, prices.of(control)[0]),
            ),
        )
        for control in CONTROLS
        for point in prices.of(control)
        if point.strength in _TOLD
    )
    columns = tuple(say(f"controls.{name}") for name in ("control", "strength", "price", "bought"))
    return Table(key="controls", caption=say("controls.table"), columns=columns, rows=rows)


def _gain(control: Control, point: PricePoint, plain: PricePoint) -> Sentence:
    def value(gain: float) -> Value:
        return Value(unit="ratio", number=gain, digits=1) if control == "diversity" else share(gain)

    return say(f"controls.gain_{control}", gain=value(point.gain), before=value(plain.gain))
