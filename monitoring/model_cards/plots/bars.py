"""Grouped bars, lying, one group a name: exposure by genre and by collection."""

from monitoring.model_cards.content import Language, Plot
from monitoring.model_cards.plots.frame import (
    CHARACTER,
    WIDTH,
    Scale,
    element,
    legend,
    pattern_id,
    svg,
    tick_texts,
    ticks,
)
from monitoring.model_cards.wording import term

_BAR = 8.0
_GAP = 9.0
MOST_GROUPS = 10
"""More would not be readable; the biggest by the last series are drawn, the card's JSON has all."""


def draw_bars(plot: Plot, language: Language) -> str:
    """Draw ``series`` over the same names ``x`` with heights ``y`` in ``unit``; ``is_ordered`` keeps their order."""
    series = plot.data["series"]
    labels = [each["label"][language] for each in series] if len(series) > 1 else []
    fills = [pattern_id(plot, language, index) for index in range(len(series))]
    parts, top = legend(labels, [_swatch(fill) for fill in fills[: len(labels)]])
    names, heights = _biggest(series, is_ordered=plot.data.get("is_ordered", False))
    biggest = max(max(row) for row in heights.values())
    is_share = plot.data["unit"] == "share"
    marks = ticks(0, biggest, 4)
    left = max(len(term(name, language)) for name in names) * CHARACTER + 8
    x = Scale(0, marks[-1], left, WIDTH - 18)
    group = _BAR * len(series) + _GAP
    bottom = top + group * len(names)
    for mark, text in zip(marks, tick_texts(marks, language, is_share), strict=True):
        parts.append(element("line", class_="grid", x1=x(mark), x2=x(mark), y1=top - 3, y2=bottom - 3))
        parts.append(element("text", text, class_="tick", x=x(mark), y=bottom + 11, text_anchor="middle"))
    for place, name in enumerate(names):
        y = top + place * group
        middle = y + _BAR * len(series) / 2 + 4
        parts.append(element("text", term(name, language), class_="name", x=left - 6, y=middle, text_anchor="end"))
        for index, value in enumerate(heights[name]):
            width = max(x(value) - left, 0.5)
            parts.append(element("rect", x=left, y=y + index * _BAR, width=width, height=_BAR - 1, fill=fills[index]))
    if plot.data["unit"] == "ratio" and marks[-1] > 1:  # 1: shown as often as it is on offer
        parts.append(element("line", class_="even", x1=x(1), x2=x(1), y1=top - 3, y2=bottom - 3))
    label = plot.data["y_label"][language]
    parts.append(element("text", label, class_="axis", x=WIDTH - 18, y=bottom + 26, text_anchor="end"))
    return svg(plot, language, bottom + 32, *parts)


def _swatch(fill: str) -> str:
    return element("rect", x=0, y=0, width=18, height=10, fill=fill)


def _biggest(series: list[dict[str, list[float]]], *, is_ordered: bool) -> tuple[list[str], dict[str, list[float]]]:
    """Names in falling order of their last series, and each name's heights in all series (0 where it has none)."""
    columns = [dict(zip(each["x"], each["y"], strict=True)) for each in series]
    names = list(dict.fromkeys(str(name) for column in columns for name in column))
    heights = {name: [float(column.get(name, 0.0)) for column in columns] for name in names}  # type: ignore[call-overload]
    if not is_ordered:
        names.sort(key=lambda name: -heights[name][-1])
    return names[:MOST_GROUPS], heights
