"""Plots as inline SVG: no script, no font to fetch; colours work in light, dark and print."""

from collections.abc import Callable
from html import escape

from monitoring.bias.figures import Figure, Series

_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 34, 46
_COLOURS = ("#0b6e99", "#c2571a", "#6a7480")
_DASHES = ("", "7 4", "2 3")


def draw(figure: Figure, language: str) -> str:
    """An ``<svg>`` with title and description for who cannot see it."""
    is_german = language == "de"
    body = _bars(figure, is_german) if figure.chart == "bars" else _lines(figure, is_german)
    label = escape(figure.label_de if is_german else figure.label_en)
    text = escape(figure.text_de if is_german else figure.text_en)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_height(figure)}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="currentColor">'
        f"<title>{label}</title><desc>{text}</desc>{body}</svg>"
    )


def _height(figure: Figure) -> int:
    return 40 + 26 * len(figure.series[0].x) if figure.chart == "bars" else _HEIGHT


def _lines(figure: Figure, is_german: bool) -> str:
    top = _round_up(max(max(series.y) for series in figure.series))
    right = 1.0  # lines run over shares
    x_of = _scale(0.0, right, _LEFT, _WIDTH - _RIGHT)
    y_of = _scale(0.0, top, _HEIGHT - _BOTTOM, _TOP)
    parts = [_grid(top, y_of, is_german)]
    for place, series in enumerate(figure.series):
        points = " ".join(f"{x_of(float(x)):.1f},{y_of(y):.1f}" for x, y in zip(series.x, series.y, strict=True))
        colour, dash = _COLOURS[place % 3], _DASHES[place % 3]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
        )
        parts.append(_legend(series, place, is_german))
    for step in range(5):
        share = right * step / 4
        parts.append(
            f'<text x="{x_of(share):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{100 * share:.0f} %</text>'
        )
    x_label = escape(figure.x_label_de if is_german else figure.x_label_en)
    y_label = escape(figure.y_label_de if is_german else figure.y_label_en)
    parts.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{x_label}</text>')
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts.append(f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">{y_label}</text>')
    return "".join(parts)


def _grid(top: float, y_of: Callable[[float], float], is_german: bool) -> str:
    parts = []
    for step in range(5):
        value = top * step / 4
        y = y_of(value)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            'opacity="0.15"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_number(value, is_german)}</text>'
        )
    return "".join(parts)


def _legend(series: Series, place: int, is_german: bool) -> str:
    x = _LEFT + 180 * place
    label = escape(series.label_de if is_german else series.label_en)
    return (
        f'<line x1="{x}" x2="{x + 28}" y1="14" y2="14" stroke="{_COLOURS[place % 3]}" stroke-width="2.5" '
        f'stroke-dasharray="{_DASHES[place % 3]}"/><text x="{x + 34}" y="18">{label}</text>'
    )


def _bars(figure: Figure, is_german: bool) -> str:
    series = figure.series[0]
    largest = _round_up(max(1.0, *(series.high or series.y)))
    x_of = _scale(0.0, largest, 190, _WIDTH - 60)
    bottom = 40 + 26 * len(series.x)
    label = escape(series.label_de if is_german else series.label_en)
    parts = [f'<text x="190" y="16">{label}</text>']
    for place, (name, value) in enumerate(zip(series.x, series.y, strict=True)):
        y = 30 + 26 * place
        parts.append(
            f'<text x="182" y="{y + 14}" text-anchor="end">{escape(str(name))}</text>'
            f'<rect x="190" y="{y}" width="{max(0.0, x_of(value) - 190):.1f}" height="18" fill="{_COLOURS[0]}"/>'
        )
        if series.low and series.high:
            low, high = x_of(series.low[place]), x_of(series.high[place])
            parts.append(
                f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + 9}" y2="{y + 9}" stroke="currentColor" '
                'stroke-width="2"/>'
            )
        end = x_of(series.high[place] if series.high else value)
        parts.append(f'<text x="{end + 6:.1f}" y="{y + 14}">{_number(value, is_german)}</text>')
    parts.append(
        f'<line x1="{x_of(1.0):.1f}" x2="{x_of(1.0):.1f}" y1="24" y2="{bottom - 6}" stroke="currentColor" '
        'stroke-dasharray="3 3"/>'
    )
    return "".join(parts)


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = (high - low) or 1.0
    return lambda value: start + (min(max(value, low), high) - low) / span * (end - start)


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten: an axis that ends at a round number."""
    power = 10.0 ** len(str(int(value))) / 10 if value >= 1 else 0.1
    while True:
        for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10):
            if factor * power >= value:
                return factor * power
        power *= 10


def _number(value: float, is_german: bool) -> str:
    text = f"{value:,.0f}" if value >= 20 or value == int(value) else f"{value:.2f}"
    return text.replace(",", "\u2009").replace(".", ",") if is_german else text
