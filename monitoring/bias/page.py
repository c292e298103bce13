"""The bias report as a page for editors, with plots drawn as inline SVG from the report's own data."""

import math
from typing import Literal

from monitoring.bias.figures import BiasReport, Figure
from monitoring.bias.plots import draw
from monitoring.bias.texts import TOPICS
from monitoring.pages import render

Language = Literal["de", "en"]
_UNITS = {
    "de": {"days": "Tage", "plays": "Abrufe", "bits": "Bit", "ratio": "×", "share": "%", "index": ""},
    "en": {"days": "days", "plays": "plays", "bits": "bits", "ratio": "×", "share": "%", "index": ""},
}


def bias_page(report: BiasReport, language: str) -> str:
    """One language's page."""
    of = 0 if language == "de" else 1
    topics = [
        (names[of], [figure for figure in report.figures if figure.topic == topic]) for topic, names in TOPICS.items()
    ]
    return render(
        "bias/report.html.j2",
        report=report,
        language=language,
        is_german=language == "de",
        topics=[(name, figures) for name, figures in topics if figures],
        amount=lambda value, unit: amount(value, unit, language),
        plot=lambda figure: _plot(figure, language),
    )


def amount(value: float | None, unit: str, language: str) -> str:
    """A figure for people: shares in per cent, the language's decimal sign, ``–`` where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    number = 100 * value if unit == "share" else value
    digits = 0 if abs(number) >= 100 else (1 if unit in ("share", "days", "plays") or abs(number) >= 10 else 2)
    text = f"{number:,.{digits}f}"
    if language == "de":
        text = text.replace(",", "\u2009").replace(".", ",")
    return f"{text}\u00a0{_UNITS[language][unit]}".rstrip("\u00a0")


def _plot(figure: Figure, language: str) -> str:
    return draw(figure, language) if figure.chart else ""
