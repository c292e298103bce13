"""The card of the use case ad-detection: what is heard, how right it is, what happens to sound (AD-1 to AD-11)."""

from datetime import datetime
from typing import Any

from core.algorithms.audio.detection import MATCH_LOG_ODDS
from core.algorithms.audio.detector_net import CONTEXT_STEPS, STEPS_A_SECOND
from core.algorithms.audio.frames import MEL_BANDS, SAMPLE_RATE
from core.algorithms.audio.segment_model import KINDS
from monitoring.model_cards.content import (
    Block,
    Bullets,
    Card,
    Heading,
    Notice,
    Paragraph,
    Rule,
    Rules,
    Section,
    Sentence,
    Source,
    Sources,
    Value,
)
from monitoring.model_cards.detector_facts import DetectorFacts
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.sections.ad_detection_errors import errors, worst
from monitoring.model_cards.sections.ad_detection_figures import (
    corrections,
    figures,
    gates,
    named_targets,
    sound,
    tested,
)
from monitoring.model_cards.sections.ad_detection_plots import learning
from monitoring.model_cards.sections.values import count, date, section, terms, words
from monitoring.model_cards.wording import say

SOURCES = (
    Source(
        title="A tutorial on hidden Markov models and selected applications in speech recognition",
        authors="L. R. Rabiner", year="1989", where="Proceedings of the IEEE 77",
    ),
    Source(
        title="An Industrial-Strength Audio Search Algorithm", authors="A. L.-C. Wang", year="2003", where="ISMIR",
    ),
    Source(
        title="SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition",
        authors="D. S. Park et al.", year="2019", where="Interspeech",
    ),
)  # fmt: skip


def ad_detection(inputs: Inputs) -> Card:
    """Build the card; without a trained detector it says so and states the rules."""
    facts = inputs.detector
    return Card(
        use_case="ad-detection",
        title=say("detector.title"),
        summary=say("detector.summary"),
        made_at=inputs.as_of,
        sections=(
            section("goal", Paragraph(text=say("detector.goal")), Paragraph(text=say("detector.not_goal"))),
            section("content_rules", Rules(items=_rules())),
            section(
                "metadata",
                Bullets(items=tuple(say(f"detector.data.{key}") for key in ("sound", "truth", "composed"))),
            ),
            _algorithm(facts),
            section("history", Paragraph(text=say("detector.history"))),
            section("context", Paragraph(text=say("detector.context"))),
            section("development", Bullets(items=(say("detector.development"), say("detector.no_automatic")))),
            section("tests", *_tests(facts)),
            section("kpis", *_kpis(facts)),
            _known_issues(facts),
            section("data_protection", Bullets(items=(say("detector.privacy.sound"), say("detector.privacy.people")))),
        ),
    )


def _rules() -> tuple[Rule, ...]:
    return (
        _rule("labels"),
        _rule("verdict", steps=count(STEPS_A_SECOND)),
        _rule("hotlist", weight=Value(unit="ratio", number=MATCH_LOG_ODDS, digits=1)),
        _rule("candidates"),
        _rule("reports"),
        _rule("airplay"),
    )


def _rule(name: str, **values: Value) -> Rule:
    text = say(f"detector.rule.{name}", **values)
    title = say(f"detector.rule.{name}.title").model_copy(update={"number": text.number})
    return Rule(number=text.number, is_on=True, title=title, text=text)


def _algorithm(facts: DetectorFacts | None) -> Section:
    context = Value(unit="seconds", number=CONTEXT_STEPS / STEPS_A_SECOND)
    net = say("detector.algorithm.net", bands=count(MEL_BANDS), rate=count(SAMPLE_RATE), context=context)
    kinds = terms(*(kind.name for kind in KINDS))
    return section(
        "algorithm",
        Heading(text=say("algorithm.base")),
        Paragraph(text=net),
        *(() if facts is None else _served(facts)),
        Sources(items=SOURCES),
        Heading(text=say("algorithm.post")),
        Paragraph(text=say("detector.post.segments", kinds=kinds)),
        Heading(text=say("algorithm.data")),
        *((Notice(text=say("detector.untrained")),) if facts is None else (*sound(facts), *learning(facts))),
        Heading(text=say("algorithm.bias")),
        Bullets(items=(say("detector.bias.synthetic"), say("detector.bias.languages"))),
    )


def _served(facts: DetectorFacts) -> tuple[Block, ...]:
    manifest: Any = facts.manifest
    version = say(
        "detector.algorithm.version",
        version=words(facts.version or "–"),
        date=date(datetime.fromisoformat(manifest["as_of"])),
    )
    if "parameters" not in manifest:
        return (Bullets(items=(version,)),)
    size = say(
        "detector.algorithm.size", parameters=count(manifest["parameters"]), clips=count(manifest["hotlist_clips"])
    )
    return (Bullets(items=(version, size)),)


def _tests(facts: DetectorFacts | None) -> tuple[Block, ...]:
    cases = Bullets(items=(say("detector.tests.cases"),))
    if facts is None:
        return (cases, Notice(text=say("detector.untrained")))
    if facts.evaluation is None:
        return (cases, Notice(text=say("detector.unevaluated")), *gates(facts))
    return (cases, *tested(facts, facts.evaluation), *errors(facts.evaluation), *corrections(facts), *gates(facts))


def _kpis(facts: DetectorFacts | None) -> tuple[Block, ...]:
    if facts is None:
        return (Notice(text=say("detector.untrained")),)
    if facts.evaluation is None:
        return (Notice(text=say("detector.unevaluated")),)
    return figures(facts, facts.evaluation)


def _known_issues(facts: DetectorFacts | None) -> Section:
    found: list[Sentence] = [say("detector.issue.composed")]
    if facts is not None and (missed := facts.missed()):
        found.append(named_targets(missed))
    if facts is not None and facts.evaluation is not None and (kinds := worst(facts.evaluation)):
        found.append(say("detector.issue.worst", kinds=terms(*kinds)))
    return section("known_issues", Bullets(items=(*found, say("detector.issue.spots"))))
