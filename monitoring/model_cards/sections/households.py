"""The card of the use case households: what for, evidence and rules, data and consent, retention (HH-1 to HH-9)."""

from core.algorithms.households.parameters import Parameters
from monitoring.model_cards.content import Bullets, Card, Paragraph, Rule, Rules, Section, Value
from monitoring.model_cards.household_facts import HouseholdFacts
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.sections.household_algorithm import algorithm
from monitoring.model_cards.sections.household_figures import evaluation, kpis
from monitoring.model_cards.sections.values import count, days, section, share, terms
from monitoring.model_cards.wording import say


def households(inputs: Inputs) -> Card | None:
    """Build the card; None before the first clustering, as there is nothing to tell yet."""
    facts = inputs.households
    if facts is None:
        return None
    return Card(
        use_case="households",
        title=say("households.title"),
        summary=say("households.summary"),
        data_origin=inputs.data_origin,
        made_at=inputs.as_of,
        sections=(
            section("goal", Paragraph(text=say("households.goal")), Paragraph(text=say("households.not_goal"))),
            section("content_rules", Rules(items=_rules(facts))),
            _data(),
            algorithm(facts),
            section("history", Paragraph(text=say("households.history.none"))),
            section("context", Paragraph(text=say("households.context.live"))),
            section("development", Paragraph(text=say("households.development.people"))),
            section(
                "tests",
                Bullets(items=(say("households.tests.cases"), say("households.tests.lineage"))),
                *evaluation(facts),
            ),
            section("kpis", *kpis(facts)),
            _known_issues(),
            _data_protection(inputs),
        ),
    )


def _rules(facts: HouseholdFacts) -> tuple[Rule, ...]:
    """What counts as evidence, with the thresholds that the code runs with."""
    evidence, links, rules = Parameters(), facts.link_rules, facts.rules
    assert links is not None
    assert rules is not None
    least = {what: share(rules.min_confidence[what]) for what in ("age_group", "gender", "income")}
    return (
        _rule("HH-1", "HH-1", bucket=Value(unit="minutes", number=evidence.bucket_minutes)),
        _rule("HH-2", "HH-2"),
        _rule("crowd", "HH-2", most=count(evidence.max_devices)),
        _rule(
            "HH-4",
            "HH-4",
            days=count(links.min_visit_days),
            weight=share(links.min_weight),
            most=count(links.most_by_content),
            half=days(links.half_life_days),
            window=days(links.window_days),
        ),
        _rule(
            "HH-6",
            "HH-6",
            ages=terms(*rules.values("age_group")),
            genders=terms(*rules.values("gender")),
            plays=count(rules.min_plays),
            age=least["age_group"],
            gender=least["gender"],
        ),
        _rule("HH-9", "HH-9", incomes=terms(*rules.values("income")), income=least["income"]),
        _rule("kids", "PRV-5", kids=share(rules.max_kids_share)),
    )


def _rule(name: str, number: str, **values: Value) -> Rule:
    title = say(f"households.rule.{name}.title").model_copy(update={"number": number})
    return Rule(number=number, is_on=True, title=title, text=say(f"households.rule.{name}", **values))


def _data() -> Section:
    keys = ("identifiers", "consent", "advertising", "groups")
    return section("metadata", Bullets(items=tuple(say(f"households.data.{key}") for key in keys)))


def _known_issues() -> Section:
    keys = ("random", "mobile", "shared", "weights", "income")
    return section("known_issues", Bullets(items=tuple(say(f"households.issue.{key}") for key in keys)))


def _data_protection(inputs: Inputs) -> Section:
    kept = inputs.settings.retention
    retention = say("households.privacy.kept", events=days(kept.events), feed=days(kept.household_feed))
    items = (say("privacy.consent"), say("privacy.pseudonyms"), retention, say("households.privacy.erase"))
    return section("data_protection", Bullets(items=items))
