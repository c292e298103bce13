"""The course of an experiment as SVG: the change so far and the band that holds it, day by day; no script needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from math import ceil, floor, log10

from serving.web import render
from serving.web.texts import Language, text

_WIDTH, _HEIGHT = 760, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 14, 34
_MOST_MARKS = 7
Values = Sequence[float | None]


@dataclass(frozen=True)
class Course:
    """Changes relative to the control (0.01: one per cent more) at each time; None where there is nothing to say."""

    times: Sequence[datetime]
    change: Values
    low: Values
    high: Values
    bound_low: Values
    bound_high: Values


@dataclass(frozen=True)
class _Scale:
    x: Callable[[int], float]
    y: Callable[[float], float]
    reach: float


def chart(course: Course, language: Language, title: str, decided_at: datetime | None) -> str:
    """Draw the course, or nothing where no look has anything to say."""
    known = [place for place, value in enumerate(course.change) if value is not None]
    if not known:
        return ""
    scale = _scale(course, known)
    last = known[-1]
    parts = [
        *_axes(course, scale, known, language),
        _area(course.low, course.high, known, scale, "band"),
        *(
            _line(values, [place for place in known if values[place] is not None], scale, "bound")
            for values in (course.bound_low, course.bound_high)
        ),
        _line(course.change, known, scale, "change"),
        *_points(course, known, scale, language),
        *_decision(course, scale, decided_at, language),
    ]
    summary = text(
        "chart_summary",
        language,
        change=_percent(course.change[last], language),
        low=_percent(course.low[last], language),
        high=_percent(course.high[last], language),
        day=_day(course.times[last], language),
    )
    return (
        f'<svg class="course" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}. '
        f'{escape(summary)}">{"".join(parts)}</svg>'
    )


def _scale(course: Course, known: list[int]) -> _Scale:
    """As high as the last band needs and a little of the past: the first days' bands would dwarf everything."""
    last = known[-1]
    changes = [abs(value) for value in course.change if value is not None]
    ends = [abs(value) for value in (course.low[last], course.high[last]) if value is not None]
    reach = min(max([1.6 * max(ends, default=0.02), 1.15 * changes[-1], 0.005]), 2.0)
    first = course.times[known[0]]
    span = (course.times[last] - first).total_seconds()
    inner = _WIDTH - _LEFT - _RIGHT
    middle, half = (_TOP + _HEIGHT - _BOTTOM) / 2, (_HEIGHT - _BOTTOM - _TOP) / 2

    def x(place: int) -> float:
        return _LEFT + (inner * (course.times[place] - first).total_seconds() / span if span else inner / 2)

    def y(value: float) -> float:
        return middle - half * max(-1.0, min(1.0, value / reach))

    return _Scale(x, y, reach)


def _axes(course: Course, scale: _Scale, known: list[int], language: Language) -> list[str]:
    parts = []
    step = _step(scale.reach)
    for number in range(-floor(scale.reach / step), floor(scale.reach / step) + 1):
        height = scale.y(number * step)
        kind = "zero" if number == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>')
        label = _percent(number * step, language)
        parts.append(f'<text class="label" x="{_LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{label}</text>')
    every = max(1, ceil(len(known) / _MOST_MARKS))
    for place in known[::-1][::every]:
        words = course.times[place].strftime("%d.%m." if language == "de" else "%d %b")
        anchor = "end" if place == known[-1] else "middle"
        parts.append(
            f'<text class="label" x="{scale.x(place):.1f}" y="{_HEIGHT - 12}" text-anchor="{anchor}">{words}</text>'
        )
    return parts


def _step(reach: float) -> float:
    """A round step that gives three to five lines on either side."""
    raw = reach / 3
    power = 10.0 ** floor(log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)


def _area(low: Values, high: Values, known: list[int], scale: _Scale, kind: str) -> str:
    places = [place for place in known if low[place] is not None and high[place] is not None]
    above = [f"{scale.x(place):.1f},{scale.y(high[place] or 0.0):.1f}" for place in places]
    below = [f"{scale.x(place):.1f},{scale.y(low[place] or 0.0):.1f}" for place in reversed(places)]
    return f'<polygon class="{kind}" points="{" ".join(above + below)}"/>'


def _line(values: Values, known: list[int], scale: _Scale, kind: str) -> str:
    """A line, broken where there is nothing to say."""
    words, is_down = [], False
    for place in known:
        value = values[place]
        if value is None:
            is_down = False
            continue
        words.append(f"{'L' if is_down else 'M'}{scale.x(place):.1f} {scale.y(value):.1f}")
        is_down = True
    return f'<path class="{kind}" d="{" ".join(words)}"/>' if words else ""


def _points(course: Course, known: list[int], scale: _Scale, language: Language) -> list[str]:
    parts = []
    for place in known:
        words = (
            f"{_day(course.times[place], language)}: {_percent(course.change[place], language)}"
            f" ({_percent(course.low[place], language)} – {_percent(course.high[place], language)})"
        )
        height = scale.y(course.change[place] or 0.0)
        parts.append(
            f'<circle class="point" cx="{scale.x(place):.1f}" cy="{height:.1f}" r="3.2">'
            f"<title>{escape(words)}</title></circle>"
        )
    return parts


def _decision(course: Course, scale: _Scale, decided_at: datetime | None, language: Language) -> list[str]:
    if decided_at is None or decided_at not in course.times:
        return []
    across = scale.x(list(course.times).index(decided_at))
    anchor = "end" if across > _WIDTH / 2 else "start"
    words = escape(text("chart_decided", language))
    beside = across + (-5 if anchor == "end" else 5)
    return [
        f'<line class="decided" x1="{across:.1f}" x2="{across:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>',
        f'<text class="label" x="{beside:.1f}" y="{_TOP + 10}" text-anchor="{anchor}">{words}</text>',
    ]


def _percent(share: float | None, language: Language) -> str:
    if share is None:
        return "–"
    sign = "+" if share > 0 else "\u2212" if share < 0 else ""
    digits = 0 if abs(share) >= 0.1 or share == 0 else 1
    return f"{sign}{render.number(abs(100 * share), language, digits)} %"


def _day(at: datetime, language: Language) -> str:
    return at.strftime("%d.%m.%Y" if language == "de" else "%d %b %Y")
