"""Known issues with their present figures: doubtful series (NV-K1), first episodes (NV-K2), hidden answers (NV-H*)."""

from collections.abc import Mapping

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
    if inputs.decisions is not None:
        counted = inputs.decisions
        table = _hidden_table(inputs, counted.by_reason, counted.answers, say("issues.hidden_table"))
        return table, Bullets(items=(latency(counted),))
    missing = Notice(text=say("issues.no_decisions"))
    if inputs.bias is None:
        return (missing,)
    total = inputs.bias.request_count
    caption = say("issues.replay_table", count=count(total))
    return missing, _hidden_table(inputs, inputs.bias.hidden, total, caption)


def latency(decisions: Decisions) -> Sentence:
    slowest = Value(unit="milliseconds", number=decisions.latency_ms, digits=1)
    return say("issues.latency", count=count(decisions.answers), latency=slowest)


def _hidden_table(inputs: Inputs, hidden: Mapping[str, int], total: int, caption: Sentence) -> Table:
    rows = tuple(
        Row(key=number, cells=(_reason(inputs, number), count(times), share(times / total)))
        for number in HIDDEN
        for times in (hidden.get(number, 0),)
    )
    return Table(
        key="issues.hidden",
        caption=caption,
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
