"""Lines over a numeric axis: ages, the Lorenz curve, the learning curve."""

from monitoring.model_cards.content import Language, Plot
from monitoring.model_cards.plots.frame import (
    CHARACTER,
    WIDTH,
    Scale,
    element,
    legend,
    svg,
    tick_texts,
    ticks,
    ticks_within,
)

_HEIGHT = 108.0


def draw_lines(plot: Plot, language: Language) -> str:
    """Draw ``series`` of ``x`` and ``y`` numbers, with ``x_label`` and ``y_label``."""
    series = plot.data["series"]
    labels = [each["label"][language] for each in series] if len(series) > 1 else []
    swatches = [element("line", class_=f"line{index % 3}", x1=0, y1=5, x2=18, y2=5) for index in range(len(labels))]
    parts, top = legend(labels, swatches)
    parts.append(element("text", plot.data["y_label"][language], class_="axis", x=0, y=top + 4))
    top += 14
    x_low, x_high = _extent([each["x"] for each in series])
    y_low, y_high = _extent([each["y"] for each in series])
    x_marks = ticks_within(x_low, x_high)
    y_marks = ticks(y_low if y_low > y_high / 2 else min(0.0, y_low), y_high, 4)
    texts = tick_texts(y_marks, language)
    left = max(len(text) for text in texts) * CHARACTER + 8
    x = Scale(x_low, x_high, left, WIDTH - 14)
    y = Scale(y_marks[0], y_marks[-1], top + _HEIGHT, top)
    for mark, text in zip(y_marks, texts, strict=True):
        parts.append(element("line", class_="grid", x1=left, x2=WIDTH - 14, y1=y(mark), y2=y(mark)))
        parts.append(element("text", text, class_="tick", x=left - 5, y=y(mark) + 4, text_anchor="end"))
    for mark, text in zip(x_marks, tick_texts(x_marks, language), strict=True):
        parts.append(element("text", text, class_="tick", x=x(mark), y=top + _HEIGHT + 15, text_anchor="middle"))
    for index, each in enumerate(series):
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(each["x"], each["y"], strict=True))
        parts.append(element("polyline", class_=f"line{index % 3}", points=points))
    bottom = top + _HEIGHT + 31
    parts.append(
        element("text", plot.data["x_label"][language], class_="axis", x=WIDTH - 14, y=bottom, text_anchor="end")
    )
    return svg(plot, language, bottom + 6, *parts)


def _extent(columns: list[list[float]]) -> tuple[float, float]:
    values = [value for column in columns for value in column]
    return min(values), max(values)
