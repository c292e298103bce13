"""The card of the use case ad-decision: targets, caps, pacing, consent, what is never used (HH-6 to HH-11)."""

from typing import Any

from monitoring.model_cards.ad_facts import AdFacts
from monitoring.model_cards.content import (
    Block,
    Bullets,
    Card,
    Figure,
    Figures,
    Heading,
    Notice,
    Paragraph,
    Plot,
    Rule,
    Rules,
    Source,
    Sources,
    Value,
)
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.sections.values import count, days, section, share, words
from monitoring.model_cards.wording import say

_WHATS = ("age_group", "gender", "income")
SOURCES = (
    Source(
        title="Budget Pacing for Targeted Online Advertisements at LinkedIn",
        authors="D. Agarwal, S. Ghosh, K. Wei, S. You", year="2014", where="ACM KDD",
    ),
    Source(
        title="A Re-Solving Heuristic with Bounded Revenue Loss for Network Revenue Management with Customer Choice",
        authors="S. Jasin, S. Kumar", year="2012", where="Mathematics of Operations Research 37",
    ),
    Source(
        title="Weighted random sampling with a reservoir", authors="P. S. Efraimidis, P. G. Spirakis", year="2006",
        where="Information Processing Letters 97",
    ),
)  # fmt: skip


def ad_decision(inputs: Inputs) -> Card | None:
    """Build the card; None where there is no campaign."""
    facts = inputs.ads
    if facts is None:
        return None
    tested = (say("ads.tests.caps"), say("ads.tests.recounted"), say("ads.tests.pacing"))
    issues = ("weak", "membership", "forecast", "overbooked")
    return Card(
        use_case="ad-decision",
        title=say("ads.title"),
        summary=say("ads.summary"),
        data_origin=inputs.data_origin,
        made_at=inputs.as_of,
        sections=(
            section("goal", Paragraph(text=say("ads.goal")), Paragraph(text=say("ads.never"))),
            section("content_rules", Rules(items=_rules(facts))),
            section(
                "metadata", Bullets(items=tuple(say(f"ads.data.{key}") for key in ("used", "without", "inferred")))
            ),
            section("algorithm", *_algorithm(facts)),
            section("history", Paragraph(text=say("ads.history"))),
            section("context", Paragraph(text=say("ads.context"))),
            section("development", Paragraph(text=say("ads.development"))),
            section("tests", Bullets(items=tested)),
            section("kpis", *_kpis(inputs, facts)),
            section("known_issues", Bullets(items=tuple(say(f"ads.issue.{key}") for key in issues))),
            section("data_protection", Bullets(items=_privacy(inputs))),
        ),
    )


def _rules(facts: AdFacts) -> tuple[Rule, ...]:
    rules = facts.rules
    least = {what: share(getattr(rules.min_confidence, what)) for what in _WHATS}
    follow, offer = rules.follow_up, rules.linked_offer
    return (
        _rule("break", "HH-11"),
        _rule("gap", "HH-11", gap=_minutes(rules.gap_minutes)),
        _rule("day", "HH-11", zone=words(rules.timezone)),
        _rule("rivals", "HH-11", is_on=rules.separation),
        _rule("HH-6", "HH-6", age=least["age_group"], gender=least["gender"]),
        _rule(
            "HH-7", "HH-7", after=_minutes(follow.after_minutes),
            until=_minutes(follow.after_minutes + follow.tolerance_minutes),
        ),
        _rule("HH-8", "HH-8", weight=share(offer.min_link_weight), videos=count(offer.min_videos)),
        _rule("HH-9", "HH-9", income=least["income"]),
        _rule("HH-10", "HH-10", tolerance=share(facts.pacing.split_tolerance)),
        _rule("kids" if rules.kids == "run-of-network" else "kids_none", "PRV-5"),
    )  # fmt: skip


def _rule(name: str, number: str, *, is_on: bool = True, **values: Value) -> Rule:
    title = say(f"ads.rule.{name}.title").model_copy(update={"number": number})
    return Rule(number=number, is_on=is_on, title=title, text=say(f"ads.rule.{name}", **values))


def _algorithm(facts: AdFacts) -> tuple[Block, ...]:
    times = facts.rules.priorities
    draw = say(
        "ads.algorithm.draw",
        target=count(times["campaign-target"]),
        income=count(times["income-class"]),
        offer=count(times["linked-offer"]),
        follow=count(times["follow-up"]),
    )
    spots = count(facts.rules.ahead_impressions)
    return (
        Heading(text=say("algorithm.base")),
        Paragraph(text=draw),
        Paragraph(text=say("ads.algorithm.pacing", ahead=_minutes(facts.pacing.ahead_minutes), spots=spots)),
        Paragraph(text=say("ads.algorithm.durable")),
        Sources(items=SOURCES),
    )


def _kpis(inputs: Inputs, facts: AdFacts) -> tuple[Block, ...]:
    figures = [_figure("campaigns", count(facts.campaigns)), _figure("booked", count(facts.booked))]
    households = inputs.households
    if households is not None and households.devices and facts.consented_devices is not None:
        consented = Value(unit="share", number=facts.consented_devices / households.devices, digits=0)
        figures.append(_figure("consent", consented))
    if households is not None:
        sure = {what: part for what in _WHATS if (part := households.sure_share(what)) is not None}
        figures += [_figure(f"sure_{what}", Value(unit="share", number=part, digits=0)) for what, part in sure.items()]
    missing = () if inputs.caps is not None else (Notice(text=say("ads.no_caps")),)
    figures += _recounted(inputs.caps or {})
    return (Figures(items=tuple(figures)), *missing, *_plot(facts))


def _recounted(caps: dict[str, Any]) -> list[Figure]:
    keys = ("plays", "own_breaches", "other_breaches", "differences")
    return [_figure(key, count(caps[key])) for key in keys if key in caps]


def _plot(facts: AdFacts) -> tuple[Plot, ...]:
    """``data``: one series of targets and the share of running campaigns that have them."""
    if not facts.targets:
        return ()
    label = say("ads.targets.axis")
    axis = {"de": label.de, "en": label.en}
    shares = {f"target.{kind}": number / facts.campaigns for kind, number in facts.targets.items()}
    series = {"label": axis, "x": list(shares), "y": list(shares.values())}
    return (
        Plot(
            key="ads.targets",
            shape="bars",
            title=say("ads.targets.title"),
            description=say("ads.targets.description"),
            data={"unit": "share", "x_label": axis, "y_label": axis, "series": [series], "is_ordered": False},
        ),
    )


def _privacy(inputs: Inputs) -> tuple[Any, ...]:
    kept = say("ads.privacy.kept", events=days(inputs.settings.retention.events))
    return (say("ads.privacy.consent"), say("privacy.pseudonyms"), kept, say("ads.privacy.erase"))


def _minutes(number: float) -> Value:
    return Value(unit="minutes", number=number)


def _figure(name: str, value: Value) -> Figure:
    return Figure(key=f"ads.{name}", label=say(f"ads.count.{name}"), value=value)
