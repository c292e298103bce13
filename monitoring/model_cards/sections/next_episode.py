"""The card of the use case next-episode: no training, only the catalogue's numbers (NV-1, NV-K1)."""

from monitoring.model_cards.content import Block, Bullets, Card, Figure, Figures, Heading, Notice, Paragraph, Section
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.rule_texts import rule_list
from monitoring.model_cards.sections.data_protection import data_protection
from monitoring.model_cards.sections.known_issues import doubtful_series, latency
from monitoring.model_cards.sections.operation import volume
from monitoring.model_cards.sections.values import count, section, share
from monitoring.model_cards.wording import say


def next_episode(inputs: Inputs) -> Card:
    """Build the card; what is missing among the inputs is told on it."""
    return Card(
        use_case="next-episode",
        title=say("next_episode.title"),
        summary=say("next_episode.summary"),
        data_origin=inputs.data_origin,
        made_at=inputs.as_of,
        sections=(
            section("goal", Paragraph(text=say("episode.goal")), Paragraph(text=say("episode.otherwise"))),
            section("content_rules", rule_list(inputs.rules, inputs.settings, ("NV-1", "NV-C1", "NV-C2"))),
            section("metadata", Bullets(items=(say("episode.numbers"), say("episode.groups")))),
            _algorithm(inputs),
            section("history", Paragraph(text=say("episode.history"))),
            section("context", Bullets(items=(say("context.current"), say("episode.device")))),
            section("development", Paragraph(text=say("episode.development"))),
            section("tests", Paragraph(text=say("episode.tests"))),
            section("kpis", Paragraph(text=say("episode.kpi_lead")), *_kpis(inputs)),
            _known_issues(inputs),
            data_protection(inputs.settings),
        ),
    )


def _algorithm(inputs: Inputs) -> Section:
    data = [say("episode.data")]
    if inputs.series is not None:
        data.append(
            say(
                "episode.catalogue",
                videos=count(inputs.series["videos"]),
                serial=count(inputs.series["serial_videos"]),
                series=count(inputs.series["series"]),
            )
        )
    return section(
        "algorithm",
        Heading(text=say("algorithm.base")),
        Paragraph(text=say("episode.algorithm")),
        Paragraph(text=say("episode.source")),
        Heading(text=say("algorithm.post")),
        Paragraph(text=say("episode.post")),
        Heading(text=say("algorithm.data")),
        Bullets(items=tuple(data)),
        Heading(text=say("algorithm.bias")),
        Paragraph(text=say("episode.bias")),
    )


def _kpis(inputs: Inputs) -> tuple[Block, ...]:
    if inputs.decisions is None:
        return (Notice(text=say("issues.no_decisions")), volume(inputs))
    episodes = inputs.decisions.by_reason.get("next-episode", 0)
    rate = Figure(
        key="kpi.next_episode_share", label=say("episode.kpi_rate"), value=share(episodes / inputs.decisions.answers)
    )
    return Figures(items=(rate,)), volume(inputs)


def _known_issues(inputs: Inputs) -> Section:
    issues = [doubtful_series(inputs), say("issues.metadata_remedy")]
    if inputs.decisions is not None:
        issues.append(latency(inputs.decisions))
    return section("known_issues", Bullets(items=tuple(issues)))
