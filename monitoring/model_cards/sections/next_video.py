"""The card of the use case next-video: goal, content and rules, people, history and context."""

from core.domain import DEVICE_CLASSES
from monitoring.model_cards.content import Bullets, Card, Heading, Paragraph, Section
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.rule_texts import rule_list
from monitoring.model_cards.sections.algorithm import algorithm
from monitoring.model_cards.sections.data_protection import data_protection
from monitoring.model_cards.sections.known_issues import known_issues
from monitoring.model_cards.sections.operation import development, kpis, tests
from monitoring.model_cards.sections.values import section, terms
from monitoring.model_cards.wording import say


def next_video(inputs: Inputs) -> Card:
    """Build the card; what is missing among the inputs is told on it.

    Raises:
        StageError: the champion's manifest lacks what the card must say.
    """
    return Card(
        use_case="next-video",
        title=say("next_video.title"),
        summary=say("next_video.summary"),
        data_origin=inputs.data_origin,
        made_at=inputs.as_of,
        sections=(
            section("goal", Paragraph(text=say("goal.purpose"))),
            _content_and_rules(inputs),
            _metadata(),
            algorithm(inputs),
            _history(inputs),
            _context(),
            development(inputs),
            tests(inputs),
            kpis(inputs),
            known_issues(inputs),
            data_protection(inputs.settings),
        ),
    )


def _content_and_rules(inputs: Inputs) -> Section:
    rules, settings = inputs.rules, inputs.settings
    return section(
        "content_rules",
        Paragraph(text=say("content.lead")),
        Heading(text=say("content.catalogue")),
        rule_list(rules, settings, ("NV-C1", "NV-C2")),
        Heading(text=say("content.cases")),
        rule_list(rules, settings, ("NV-1", "NV-2")),
        Heading(text=say("content.filters")),
        rule_list(rules, settings, ("NV-R1", "NV-R2", "NV-R3", "NV-R4")),
        Heading(text=say("content.hidden")),
        Paragraph(text=say("content.hidden_lead")),
        rule_list(rules, settings, ("NV-H1", "NV-H2", "NV-H3", "NV-H4")),
    )


def _metadata() -> Section:
    return section(
        "metadata",
        Paragraph(text=say("metadata.lead")),
        Bullets(items=(say("metadata.groups"), say("metadata.no_history"), say("metadata.never_ads"))),
    )


def _history(inputs: Inputs) -> Section:
    return section(
        "history",
        Paragraph(text=say("history.lead")),
        rule_list(inputs.rules, inputs.settings, ("NV-U1", "NV-U2", "NV-U3", "NV-U4")),
    )


def _context() -> Section:
    devices = say("context.device", classes=terms(*DEVICE_CLASSES))
    return section("context", Bullets(items=(say("context.current"), devices)))
