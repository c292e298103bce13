"""Figures and plots of the households' card: counts of the last clustering, and of the last evaluation."""

from collections.abc import Mapping
from typing import Any

from monitoring.model_cards.content import Block, Figure, Figures, Notice, Paragraph, Plot, Value
from monitoring.model_cards.household_facts import HouseholdFacts
from monitoring.model_cards.sections.values import count
from monitoring.model_cards.wording import say

_MEASURES = ("pairwise_f1", "pairwise_precision", "pairwise_recall", "bcubed_f1", "link_precision", "link_recall")
_WHATS = ("age_group", "gender", "income")
_FEWEST_ANSWERS = 20
_MOST_DEVICES = 8
"""Households with more are drawn together."""


def kpis(facts: HouseholdFacts) -> tuple[Block, ...]:
    """Counts, links, inferences, and their plots."""
    figures = [
        _figure("households", count(facts.households)),
        _figure("devices", count(facts.devices)),
        _figure("mean", Value(unit="ratio", number=facts.devices / max(facts.households, 1), digits=1)),
        _figure("confidence", Value(unit="share", number=facts.confidence, digits=0)),
        _figure("unseparable", count(facts.unseparable)),
    ]
    if facts.links is not None:
        figures += [
            _figure("links", count(facts.links["links"])),
            _figure("link_weight", Value(unit="ratio", number=facts.links["weight"], digits=2)),
            _figure("visit_days", Value(unit="days", number=facts.links["visit_days"])),
            _figure("strengthened", count(facts.links["strengthened"])),
        ]
    sure = {what: part for what in _WHATS if (part := facts.sure_share(what)) is not None}
    figures += [_figure(what, Value(unit="share", number=part, digits=0)) for what, part in sure.items()]
    missing = () if sure else (Notice(text=say("households.no_inferences")),)
    return (Figures(items=tuple(figures)), *missing, *_plots(facts, sure))


def evaluation(facts: HouseholdFacts) -> tuple[Block, ...]:
    """What was measured against a simulated truth; a plain word where nothing was."""
    measured = facts.evaluation
    if measured is None:
        return (Notice(text=say("households.evaluation.none")),)
    figures = [
        Figure(
            key=f"households.{name}",
            label=say(f"households.figure.{name}"),
            value=Value(unit="share", number=measured[name], digits=1),
        )
        for name in _MEASURES
        if measured.get(name) is not None
    ]
    inferences = measured.get("inferences") or {}
    figures += [
        Figure(
            key=f"households.{what}_sure",
            label=say(f"households.figure.{what}_sure"),
            value=Value(unit="share", number=accuracy(inferences[what]), digits=0),
            meaning=say("households.figure.ece", ece=Value(unit="share", number=inferences[what]["ece"], digits=1)),
        )
        for what in _WHATS
        if accuracy(inferences.get(what, {})) is not None
    ]
    return (Paragraph(text=say("households.evaluation.lead")), *((Figures(items=tuple(figures)),) if figures else ()))


def accuracy(measured: Mapping[str, Any]) -> float | None:
    """Share of answers that were right; None where so few were given that it would be chance."""
    return measured["sure_accuracy"] if measured.get("sure_count", 0) >= _FEWEST_ANSWERS else None


def reliability(figures: Mapping[str, Any]) -> tuple[Plot, ...]:
    """One plot for each of what is inferred: share right over the confidence stated, beside the line of equality."""
    labels = {key: _both(f"households.reliability.{key}") for key in ("confidence", "right", "found", "even")}
    plots = []
    for what in _WHATS:
        bins = figures.get(what, {}).get("bins", ())
        if len(bins) < 2:
            continue
        stated, right = [each["confidence"] for each in bins], [each["accuracy"] for each in bins]
        ends = [stated[0], stated[-1]]
        plots.append(
            Plot(
                key=f"households.reliability.{what}",
                shape="lines",
                title=say(f"households.reliability.{what}"),
                description=say("households.reliability.description"),
                data={
                    "x_label": labels["confidence"],
                    "y_label": labels["right"],
                    "series": [
                        {"label": labels["found"], "x": stated, "y": right},
                        {"label": labels["even"], "x": ends, "y": ends},
                    ],
                },
            )
        )
    return tuple(plots)


def _plots(facts: HouseholdFacts, sure: Mapping[str, float]) -> tuple[Plot, ...]:
    sizes: dict[str, int] = {}
    for size, households in sorted(facts.sizes.items()):
        name = str(size) if size < _MOST_DEVICES else f"{_MOST_DEVICES}+"
        sizes[name] = sizes.get(name, 0) + households
    return (
        *_bars("sizes", _shares(sizes)),
        *_bars("kinds", _shares(facts.lease_kinds)),
        *_bars("answers", sure),
    )


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {name: number / total for name, number in counts.items()} if total else {}


def _bars(name: str, heights: Mapping[str, float]) -> tuple[Plot, ...]:
    """``data``: one series of names and shares; no plot where there is nothing to draw."""
    if not heights or not any(heights.values()):
        return ()
    axis = _both(f"households.{name}.axis")
    series = {"label": axis, "x": list(heights), "y": list(heights.values())}
    plot = Plot(
        key=f"households.{name}",
        shape="bars",
        title=say(f"households.{name}.title"),
        description=say(f"households.{name}.description"),
        data={"unit": "share", "x_label": axis, "y_label": axis, "series": [series], "is_ordered": name == "sizes"},
    )
    return (plot,)


def _both(key: str) -> dict[str, str]:
    text = say(key)
    return {"de": text.de, "en": text.en}


def _figure(name: str, value: Value) -> Figure:
    return Figure(key=f"households.{name}", label=say(f"households.count.{name}"), value=value)
