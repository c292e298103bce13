"""Plots of the detector's card: where it errs, how sure it is, what look-ahead brings, how it learned."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitoring.model_cards.content import Plot
from monitoring.model_cards.detector_facts import DetectorFacts
from monitoring.model_cards.wording import say

Points = tuple[str, Sequence[float], Sequence[float]]
"""Key of the label, x, y."""


def wrong_by_kind(shares: Mapping[str, float]) -> Plot:
    """Bars: share of time recognised wrongly, by the term of the kind of content."""
    axis = _both("detector.kinds.axis")
    series = {"label": axis, "x": list(shares), "y": list(shares.values())}
    return Plot(
        key="detector.kinds",
        shape="bars",
        title=say("detector.kinds.title"),
        description=say("detector.kinds.description"),
        data={"unit": "share", "x_label": axis, "y_label": axis, "series": [series], "is_ordered": False},
    )


def reliability(report: Mapping[str, Any]) -> tuple[Plot, ...]:
    """Share right over the confidence stated, beside the line of equality; nothing where it was not measured."""
    bins = [each for each in report.get("reliability") or () if each.get("count", 1) > 0]
    if len(bins) < 2:
        return ()
    stated, right = [each["confidence"] for each in bins], [each["accuracy"] for each in bins]
    ends = [stated[0], stated[-1]]
    return (_lines("reliability", ("confidence", "right"), ("found", stated, right), ("even", ends, ends)),)


def look_ahead(report: Mapping[str, Any]) -> tuple[Plot, ...]:
    """Share right over the seconds that a live verdict may wait; nothing where it was not measured."""
    points = report.get("look_ahead") or ()
    if len(points) < 2:
        return ()
    waited, right = [each["look_ahead_s"] for each in points], [each["frame_accuracy"] for each in points]
    return (_lines("look_ahead", ("x", "y"), ("y", waited, right)),)


def learning(facts: DetectorFacts) -> tuple[Plot, ...]:
    """How right it was on the stations held back, pass by pass."""
    found = list(facts.manifest.get("curves", {}).get("held_out_accuracy", ()))
    if len(found) < 2:
        return ()
    return (_lines("curve", ("x", "y"), ("y", list(range(1, len(found) + 1)), found)),)


def _lines(name: str, axes: tuple[str, str], *series: Points) -> Plot:
    """``axes`` and each series' label are keys below ``detector.<name>``."""
    return Plot(
        key=f"detector.{name}",
        shape="lines",
        title=say(f"detector.{name}.title"),
        description=say(f"detector.{name}.description"),
        data={
            "x_label": _both(f"detector.{name}.{axes[0]}"),
            "y_label": _both(f"detector.{name}.{axes[1]}"),
            "series": [{"label": _both(f"detector.{name}.{label}"), "x": x, "y": y} for label, x, y in series],
        },
    )


def _both(key: str) -> dict[str, str]:
    text = say(key)
    return {"de": text.de, "en": text.en}
