"""A read-out in plain words, German and English: ``wording.yaml`` beside this file, with figures put in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from core.algorithms.experiments import Experiment
from monitoring.experiments.checks import Checks
from monitoring.experiments.comparison import MIN_UNITS, Interval
from monitoring.experiments.contrasts import Contrast
from monitoring.experiments.guardrails import GuardrailFigure
from monitoring.experiments.planning import PlanFigures

Text = dict[str, str]
"""By language: ``de`` and ``en``."""
_FILE = Path(__file__).with_name("wording.yaml")
_LANGUAGES = ("de", "en")


@dataclass(frozen=True)
class Words:
    """The verdict, and what else there is to say."""

    verdict: Text
    notes: tuple[Text, ...]


@lru_cache(maxsize=1)
def texts() -> dict[str, Text]:
    """All sentences, by key and language."""
    loaded: dict[str, Text] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def words(
    experiment: Experiment,
    status: str,
    checks: Checks,
    contrasts: Sequence[Contrast],
    guardrails: Sequence[GuardrailFigure],
    plan: PlanFigures,
) -> Words:
    """Say what a read-out found."""
    if status == "blocked":
        ratio = checks.sample_ratio
        verdict = _say(
            f"blocked_{checks.broken[0]}",
            counts=" / ".join(str(count) for count in ratio.observed),
            expected=" / ".join(f"{count:.0f}" for count in ratio.expected),
            p=_small(min([ratio.p_value or 1.0, *checks.by_class.values()])),
            share=_percent(max(checks.mixed_share, checks.misassigned_share), sign=False),
        )
        return Words(verdict, (plan_words(experiment, plan),))
    if status in ("planned", "too_few"):
        counts = " / ".join(str(count) for count in checks.sample_ratio.observed)
        verdict = _say(status, start=_day(experiment.start), counts=counts, min_units=str(MIN_UNITS))
        return Words(verdict, (plan_words(experiment, plan),))
    notes = [note for contrast in contrasts for note in _of_contrast(contrast)]
    more = [_say(f"contrast_{each.status}", **_figures(experiment, each)) for each in contrasts[1:]]
    guards = [_guardrail(each) for each in guardrails if each.status in ("broken", "open")]
    return Words(_verdict(experiment, status, contrasts[0]), (*more, *guards, *notes, plan_words(experiment, plan)))


def _verdict(experiment: Experiment, status: str, first: Contrast) -> Text:
    values = _figures(experiment, first, is_over=status == "no_difference")
    if status in ("better", "worse"):
        is_early = first.decided_at is not None and first.decided_at < experiment.end
        then = _range(first.at_decision or first.relative)
        return _joined(_say(status, **values), _say("decided_early" if is_early else "decided", **(values | then)))
    return _joined(_say(status, **values), _say("ruled_out" if first.relative.low is not None else "nothing", **values))


def _figures(experiment: Experiment, contrast: Contrast, is_over: bool = False) -> dict[str, Any]:
    """The interval that the words rest on.

    The bounds' interval where it was decided, or where the test ran to its planned end; else the band that holds at
    any time. Once decided, the band of today is better known, and is told as soon as it leaves out no change itself.
    """
    settled = contrast.status != "undecided" or (is_over and experiment.stopped is None)
    shown = contrast.at_decision if settled and contrast.at_decision is not None else contrast.relative
    if contrast.decided_at is not None and contrast.decided_at < experiment.end and _leaves_out_zero(contrast.relative):
        shown = contrast.relative
    return {
        "arm": contrast.arm,
        "control": contrast.control,
        "end": _day(experiment.ends_at),
        "day": _day(contrast.decided_at or experiment.ends_at),
        "change": _percent(shown.value),
        "low": _percent(shown.low),
        "high": _percent(shown.high),
    }


def _leaves_out_zero(interval: Interval) -> bool:
    return interval.low is not None and interval.high is not None and (interval.low > 0 or interval.high < 0)


def _of_contrast(contrast: Contrast) -> list[Text]:
    shown = [each for each in contrast.classes if each.is_shown]
    found = [
        _say(
            "class_more" if each.relative.value > 0 else "class_less",
            arm=contrast.arm,
            device_class=_say(f"class_{each.device_class}"),
            **_range(each.relative),
        )
        for each in shown
    ]
    if contrast.classes and not shown:
        found.append(_say("no_class", arm=contrast.arm))
    return found


def _guardrail(figure: GuardrailFigure) -> Text:
    is_number = figure.metric in ("p99_ms", "kids_rule")

    def written(value: float | None) -> Text:
        if value is None or not is_number:
            return _percent(value)
        return {"de": f"{value:.0f}", "en": f"{value:.0f}"}

    key = "guardrail_broken" if figure.status == "broken" else "guardrail_open"
    return _say(
        key,
        metric=_say(f"metric_{figure.metric}"),
        arm=figure.arm,
        value=written(figure.value),
        low=written(figure.low),
        high=written(figure.high),
        limit=written(figure.limit) if is_number else _percent(figure.limit, sign=False),
    )


def plan_words(experiment: Experiment, plan: PlanFigures) -> Text:
    """What the experiment can find, in both languages."""
    if plan.minimum_detectable_effect is None or plan.power_at_minimum_effect is None:
        key = "plan_unknown" if any(plan.units) else "plan_nothing"
        return _say(key, counts=" / ".join(str(count) for count in plan.units))
    return _say(
        "plan",
        days=f"{plan.days:.0f}",
        past=f"{plan.past_days:.0f}",
        units=str(min(plan.units)),
        power=_percent(plan.power, sign=False, digits=0),
        effect=_percent(plan.minimum_detectable_effect, sign=False),
        wanted=_percent(experiment.minimum_effect, sign=False),
        chance=_percent(plan.power_at_minimum_effect, sign=False, digits=0),
    )


def _range(interval: Interval) -> dict[str, Text]:
    return {
        "change": _percent(interval.value),
        "low": _percent(interval.low),
        "high": _percent(interval.high),
    }


def _say(key: str, **values: Any) -> Text:
    """A sentence in both languages; values that differ by language are texts themselves."""
    text = texts()[key]
    return {
        language: text[language].format(
            **{name: each[language] if isinstance(each, dict) else each for name, each in values.items()}
        )
        for language in _LANGUAGES
    }


def _joined(*parts: Text) -> Text:
    return {language: " ".join(part[language] for part in parts) for language in _LANGUAGES}


def _percent(share: float | None, sign: bool = True, digits: int = 1) -> Text:
    if share is None:
        return {"de": "–", "en": "–"}
    written = f"{100 * share:{'+' if sign else ''}.{digits}f} %".replace("-", "\u2212")
    return {"de": written.replace(".", ","), "en": written}


def _small(p_value: float) -> Text:
    written = "< 0.0001" if p_value < 1e-4 else f"= {p_value:.1g}"
    return {"de": written.replace(".", ","), "en": written}


def _day(at: datetime) -> Text:
    return {"de": at.strftime("%d.%m.%Y"), "en": at.strftime("%d %b %Y")}
