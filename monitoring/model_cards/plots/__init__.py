"""The card's plots as inline SVG of our own: no script; they follow the page's colours and print in grey."""

from monitoring.model_cards.content import Language, Plot
from monitoring.model_cards.plots.bars import draw_bars
from monitoring.model_cards.plots.intervals import draw_intervals
from monitoring.model_cards.plots.lines import draw_lines

_DRAWING = {"bars": draw_bars, "lines": draw_lines, "intervals": draw_intervals}


def draw(plot: Plot, language: Language) -> str:
    """Return a plot as an ``<svg>`` element with a title and a description for those who cannot see it."""
    return _DRAWING[plot.shape](plot, language)
