"""One dot and its range a method: the model against its baselines."""

from monitoring.model_cards.content import Language, Plot
from monitoring.model_cards.plots.frame import CHARACTER, WIDTH, Scale, element, svg, tick_texts, ticks
from monitoring.model_cards.show import number
from monitoring.model_cards.wording import term

_ROW = 24.0


def draw_intervals(plot: Plot, language: Language) -> str:
    """Draw ``rows`` of ``method``, ``value``, ``low`` and ``high``; the first row is the one that counts."""
    rows = plot.data["rows"]
    marks = ticks(0, max(row["high"] for row in rows))
    left = max(len(term(row["method"], language)) for row in rows) * CHARACTER + 10
    x = Scale(0, marks[-1], left, WIDTH - 44)
    bottom = _ROW * len(rows) + 6
    parts = []
    for mark, text in zip(marks, tick_texts(marks, language), strict=True):
        parts.append(element("line", class_="grid", x1=x(mark), x2=x(mark), y1=4, y2=bottom))
        parts.append(element("text", text, class_="tick", x=x(mark), y=bottom + 14, text_anchor="middle"))
    for place, row in enumerate(rows):
        y = 16 + place * _ROW
        style = 0 if place == 0 else 1
        parts.append(
            element("text", term(row["method"], language), class_="name", x=left - 8, y=y + 4, text_anchor="end")
        )
        parts.append(element("line", class_=f"range{style}", x1=x(row["low"]), x2=x(row["high"]), y1=y, y2=y))
        parts.append(element("circle", class_=f"dot{style}", cx=x(row["value"]), cy=y, r=4.5))
        text = number(row["value"], language, 3)
        parts.append(element("text", text, class_="tick", x=x(row["high"]) + 9, y=y + 4))
    return svg(plot, language, bottom + 20, *parts)
