"""The bias figures as later readers meet them (NV-M1): written by ``monitoring.bias``, read by cards and pages."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from core.errors import StageError
from core.paths import Paths

KIND = "bias"
_BAND = ("value", "low", "high")

Topic = Literal["recency", "popularity", "exposure", "quality"]
Chart = Literal["bars", "lines"]


@dataclass(frozen=True)
class Series:
    """One line or one set of bars: ``x`` and ``y`` of one length; ``x`` are names (bars) or numbers (lines)."""

    label_de: str
    label_en: str
    x: tuple[str | float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    """95 % band of each ``y``; empty where there is none."""
    high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One measure with its 95 % band, last report's value and, where it has a plot, the plot's data."""

    key: str
    """Stable name, e.g. ``age_recommended_median_days``."""
    topic: Topic
    requirement: str
    """The number in requirements.md, e.g. ``NV-M1``."""
    value: float
    low: float
    high: float
    unit: str
    """``days``, ``share`` (0..1), ``ratio``, ``plays``, ``bits`` or ``index`` (0..1)."""
    label_de: str
    label_en: str
    text_de: str
    """One plain sentence for editors: what the figure says."""
    text_en: str
    previous: float | None = None
    """The value in the report before this one; None in the first."""
    chart: Chart | None = None
    x_label_de: str = ""
    x_label_en: str = ""
    y_label_de: str = ""
    y_label_en: str = ""
    series: tuple[Series, ...] = ()


@dataclass(frozen=True)
class FigureError:
    """A measure that says nothing on these data: an error that is stated, and no figure (NV-M1)."""

    key: str
    label_de: str
    label_en: str
    reason_de: str
    reason_en: str


@dataclass(frozen=True)
class BiasReport:
    """All figures of one run, with what they were measured on."""

    as_of: datetime
    model_version: str
    source: str
    """``replay``: real devices' histories answered again by the champion at ``as_of``; ``decisions``: as served."""
    request_count: int
    answered_count: int
    """Requests that got a regular list (not a next episode, not hidden)."""
    hidden: dict[str, int] = field(default_factory=dict)
    """Hidden answers by reason (NV-H1..NV-H4)."""
    figures: tuple[Figure, ...] = ()
    errors: tuple[FigureError, ...] = ()
    """Measures without a value or without any spread: not among ``figures``."""

    def figure(self, key: str) -> Figure:
        """Return a figure by key. Raises KeyError."""
        for each in self.figures:
            if each.key == key:
                return each
        raise KeyError(key)

    def to_json(self) -> str:
        """Serialise; ``read_report`` is the inverse."""
        values = asdict(self) | {"kind": KIND, "as_of": self.as_of.astimezone(UTC).isoformat()}
        for each in values["figures"]:
            for name in _BAND:
                each[name] = each[name] if math.isfinite(each[name]) else None
        return json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False)


def read_report(file: Path) -> BiasReport:
    """Read a ``report.json``. Raises OSError, ValueError, KeyError or TypeError when it is none of ours."""
    values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    values.pop("kind")
    values["as_of"] = datetime.fromisoformat(values["as_of"])
    values["figures"] = tuple(_figure(each) for each in values["figures"])
    values["errors"] = tuple(FigureError(**each) for each in values.get("errors", ()))
    return BiasReport(**values)


def _figure(values: dict[str, Any]) -> Figure:
    band = {name: math.nan if values[name] is None else float(values[name]) for name in _BAND}
    series = tuple(
        Series(each["label_de"], each["label_en"], *(tuple(each[name]) for name in ("x", "y", "low", "high")))
        for each in values["series"]
    )
    return Figure(**(values | band | {"series": series}))


def latest_report(paths: Paths, before: datetime | None = None) -> BiasReport | None:
    """Return the newest readable bias report, optionally only of runs before ``before``; None if there is none."""
    limit = None if before is None else paths.report(KIND, before).name
    for folder in sorted((paths.reports / KIND).glob("*Z"), reverse=True):
        if limit is not None and folder.name >= limit:
            continue
        try:
            return read_report(folder / "report.json")
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half a folder of an interrupted run, or an older form: not a report
    return None


def divided(figures: Iterable[Figure]) -> tuple[tuple[Figure, ...], tuple[FigureError, ...]]:
    """Part the figures that say something from those that are errors: empty, or constant in every resampling."""
    sound, errors = [], []
    for each in figures:
        if not problems([each]):
            sound.append(each)
        elif math.isfinite(each.value):
            reasons = (f"ohne jede Streuung ({each.value:g})", f"without any spread ({each.value:g})")
            errors.append(FigureError(each.key, each.label_de, each.label_en, *reasons))
        else:
            errors.append(FigureError(each.key, each.label_de, each.label_en, "ohne Daten", "without data"))
    return tuple(sound), tuple(errors)


def problems(figures: Iterable[Figure]) -> list[str]:
    """Name every figure that says nothing: no finite value (empty) or a band without width (constant)."""
    found = []
    for each in figures:
        if not all(math.isfinite(number) for number in (each.value, each.low, each.high)):
            found.append(f"{each.key} is empty")
        elif math.isclose(each.low, each.high, rel_tol=1e-9, abs_tol=1e-12):
            found.append(f"{each.key} is constant ({each.value:g} in every resampling)")
    return found


def require_meaning(report: BiasReport, where: Path) -> None:
    """Refuse to show figures that say nothing: an empty or constant measure is an error, not a zero (``divided``).

    Raises:
        StageError: one line that names the figures.
    """
    if not report.figures:
        raise StageError(f"bias: no figure could be computed from {report.request_count} requests (see {where})")
    found = problems(report.figures)
    if found:
        raise StageError(f"bias: {'; '.join(found)}: nothing is said by such a figure (see {where})")
