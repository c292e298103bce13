"""Known issues with their present figures: doubtful series (NV-K1), first episodes (NV-K2), hidden answers (NV-H*)."""

from monitoring.model_cards.content import Block, Bullets, Notice, Row, Section, Sentence, Table, Value
from monitoring.model_cards.inputs import Decisions, Inputs
from monitoring.model_cards.sections.values import count, section, share, words
from monitoring.model_cards.wording import say

HIDDEN = ("NV-H1", "NV-H2", "NV-H3", "NV-H4")


def known_issues(inputs: Inputs) -> Section:
    first = Bullets(items=(doubtful_series(inputs), say("issues.metadata_remedy"), say("issues.search")))
    return section("known_issues", first, *answers(inputs))


def doubtful_series(inputs: Inputs) -> Sentence:
    """NV-K1 with its present figure: how many series lack usable numbers."""
    if inputs.series is None or not inputs.series["series"]:
        return say("issues.no_catalogue")
    series, doubtful = inputs.series["series"], inputs.series["doubtful"]
    return say("issues.metadata", series=count(series), doubtful=count(doubtful), share=share(doubtful / series))


def answers(inputs: Inputs) -> tuple[Block, ...]:
    """Hidden answers by reason and the speed of answers, or a plain word that none were counted yet."""
    if inputs.decisions is None:
        return (Notice(text=say("issues.no_decisions")),)
    return (_hidden_table(inputs, inputs.decisions), Bullets(items=(latency(inputs.decisions),)))


def latency(decisions: Decisions) -> Sentence:
    slowest = Value(unit="milliseconds", number=decisions.latency_ms, digits=1)
    return say("issues.latency", count=count(decisions.answers), latency=slowest)


def _hidden_table(inputs: Inputs, decisions: Decisions) -> Table:
    rows = tuple(
        Row(key=number, cells=(_reason(inputs, number), count(hidden), share(hidden / decisions.answers)))
        for number in HIDDEN
        for hidden in (decisions.by_reason.get(number, 0),)
    )
    return Table(
        key="issues.hidden",
        caption=say("issues.hidden_table"),
        columns=(say("issues.reason"), say("issues.answers"), say("issues.share")),
        rows=rows,
    )


def _reason(inputs: Inputs, number: str) -> Sentence:
    title = inputs.rules.rules[number].title
    return Sentence(
        key=f"issues.hidden.{number}",
        de=f"{title.de} ({{number}})",
        en=f"{title.en} ({{number}})",
        values={"number": words(number)},
    )
