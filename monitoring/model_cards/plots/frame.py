"""What all plots share: the SVG around them, scales with round ticks, and a legend told by dash and pattern too.

Colours are Okabe and Ito's (colour-blind safe); every series also differs by dash (lines) or hatching (bars), so that
a grey print still tells them apart. Colours themselves stand in the style sheet, for light and dark pages.
"""

import math
from dataclasses import dataclass

from markupsafe import escape

from monitoring.model_cards.content import Language, Plot
from monitoring.model_cards.show import number, sentence

WIDTH = 320
CHARACTER = 6.0  # about the width of one at 11 px


@dataclass(frozen=True)
class Scale:
    """A linear scale from data (low..high) to pixels (start..end)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from ``low`` to at least ``high``, about so many (steps of 1, 2 or 5 times a power of ten)."""
    span = (high - low) or abs(high) or 1.0
    raw = span / about
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]


def ticks_within(low: float, high: float, about: int = 5) -> list[float]:
    """The round numbers inside a range that is drawn as it is."""
    return [mark for mark in ticks(low, high, about) if low - 1e-9 <= mark <= high + 1e-9]


def tick_texts(marks: list[float], language: Language, is_share: bool = False) -> list[str]:
    """Ticks as text with just the decimals that their step needs."""
    scale = 100 if is_share else 1
    step = (marks[1] - marks[0]) * scale
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if digits and round(step, digits - 1) == round(step, 6):
        digits -= 1
    sign = ("\u00a0%" if language == "de" else "%") if is_share else ""
    return [number(mark * scale, language, digits) + sign for mark in marks]


def element(name: str, text: str = "", **attributes: object) -> str:
    """One SVG element; ``_`` in attribute names becomes ``-``, text is escaped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{round(value, 1) if isinstance(value, float) else escape(str(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{escape(text)}</{name}>" if text else f"<{name}{written}/>"


def svg(plot: Plot, language: Language, height: float, *parts: str) -> str:
    """Wrap parts into an image that says what it shows."""
    name = f"plot-{plot.key.replace('.', '-').replace('_', '-')}-{language}"
    drawn = patterns(name) + "".join(parts)
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="{name}-t {name}-d" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{escape(sentence(plot.title, language))}</title>'
        f'<desc id="{name}-d">{escape(sentence(plot.description, language))}</desc>{drawn}</svg>'
    )


def pattern_id(plot: Plot, language: Language, series: int) -> str:
    name = f"plot-{plot.key.replace('.', '-').replace('_', '-')}-{language}"
    return f"url(#{name}-p{series % 3})"


def patterns(name: str) -> str:
    """Hatching for bars: full, stripes, dots."""
    square = 'width="5" height="5" patternUnits="userSpaceOnUse"'
    return (
        f'<defs><pattern id="{name}-p0" {square}><rect class="fill0" width="5" height="5"/></pattern>'
        f'<pattern id="{name}-p1" {square} patternTransform="rotate(45)"><rect class="pale1" width="5" height="5"/>'
        f'<rect class="fill1" width="2.4" height="5"/></pattern>'
        f'<pattern id="{name}-p2" {square}><rect class="pale2" width="5" height="5"/>'
        f'<circle class="fill2" cx="2.5" cy="2.5" r="1.3"/></pattern></defs>'
    )


def legend(labels: list[str], marks: list[str]) -> tuple[list[str], float]:
    """Lay out swatches and labels in rows from the top; return the parts and the height used.

    ``marks`` are SVG parts drawn at (0, 0) of 18 by 10 pixels.
    """
    parts, x, y = [], 0.0, 4.0
    for label, mark in zip(labels, marks, strict=True):
        width = 24 + len(label) * CHARACTER + 14
        if x and x + width > WIDTH:
            x, y = 0.0, y + 17
        parts.append(f'<g transform="translate({x:.0f} {y:.0f})">{mark}{element("text", label, x=24, y=9)}</g>')
        x += width
    return parts, y + 20
