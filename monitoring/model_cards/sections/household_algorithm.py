"""The algorithm of the households' card: methods with their papers, assumptions in figures, fairness (PRV-5)."""

from dataclasses import fields

from core.algorithms.households.parameters import Parameters
from monitoring.model_cards.content import (
    Block,
    Bullets,
    Heading,
    Paragraph,
    Row,
    Section,
    Sentence,
    Source,
    Sources,
    Table,
    Value,
)
from monitoring.model_cards.household_facts import HouseholdFacts
from monitoring.model_cards.sections.household_figures import accuracy, reliability
from monitoring.model_cards.sections.values import days, section, share, terms, words
from monitoring.model_cards.wording import say

_SHOWN_CATEGORIES = 8
SOURCES = (
    Source(
        title="A Theory for Record Linkage", authors="I. P. Fellegi, A. B. Sunter", year="1969",
        where="Journal of the American Statistical Association 64",
    ),
    Source(
        title="Internet Device Graphs", authors="M. Malloy, P. Barford, E. C. Alp, J. Koller, A. Jewell", year="2017",
        where="ACM KDD",
    ),
    Source(
        title="Network structure from rich but noisy data", authors="M. E. J. Newman", year="2018",
        where="Nature Physics 14, 542–545",
    ),
    Source(
        title="Finding and evaluating community structure in networks", authors="M. E. J. Newman, M. Girvan",
        year="2004", where="Physical Review E 69, 026113",
    ),
    Source(
        title="Randomizing bipartite networks: the case of the World Trade Web",
        authors="F. Saracco, R. Di Clemente, A. Gabrielli, T. Squartini", year="2015",
        where="Scientific Reports 5, 10595",
    ),
    Source(
        title="A Comparison of Event Models for Naive Bayes Text Classification", authors="A. McCallum, K. Nigam",
        year="1998", where="AAAI Workshop on Learning for Text Categorization",
    ),
    Source(
        title="Posterior Regularization for Structured Latent Variable Models",
        authors="K. Ganchev, J. Graça, J. Gillenwater, B. Taskar", year="2010",
        where="Journal of Machine Learning Research 11",
    ),
    Source(
        title="On Calibration of Modern Neural Networks", authors="C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger",
        year="2017", where="ICML",
    ),
)  # fmt: skip


def algorithm(facts: HouseholdFacts) -> Section:
    rules = facts.rules
    assert rules is not None
    inference = say(
        "households.algorithm.inference",
        strength=share(rules.strength["gender"]),
        tv=share(rules.device_class_strength["tv"]),
        other=share(rules.other_share),
    )
    return section(
        "algorithm",
        Heading(text=say("algorithm.base")),
        Paragraph(text=say("households.algorithm.clustering")),
        Paragraph(text=say("households.algorithm.links")),
        Paragraph(text=inference),
        Bullets(items=(say("households.algorithm.version", version=words(rules.mark)),)),
        Sources(items=SOURCES),
        Heading(text=say("algorithm.post")),
        Paragraph(text=say("households.post.none")),
        Heading(text=say("algorithm.data")),
        Bullets(
            items=(
                say("households.training.none"),
                say("households.training.window", window=days(rules.window_days)),
            )
        ),
        _evidence(),
        _priors(facts),
        _weights(facts),
        Heading(text=say("algorithm.bias")),
        *_fairness(facts),
    )


def _evidence() -> Paragraph:
    """Every number that the grouping of devices works with, under its name in the code."""
    values = {each.name: words(*_written(getattr(Parameters(), each.name))) for each in fields(Parameters)}
    listed = "; ".join(f"{name} {{{name}}}" for name in values)
    lead = say("households.evidence")
    text = Sentence(key=lead.key, de=f"{lead.de} {listed}.", en=f"{lead.en} {listed}.", values=values)
    return Paragraph(text=text)


def _written(value: object) -> tuple[str, ...]:
    each = value if isinstance(value, tuple) else (value,)
    return ("/".join(f"{one:g}" if isinstance(one, int | float) else str(one) for one in each),)


def _priors(facts: HouseholdFacts) -> Table:
    assert facts.rules is not None
    rows = tuple(
        Row(key=f"{what}.{value}", cells=(_group(what, value), share(part)))
        for what, prior in facts.rules.priors.items()
        for value, part in prior.items()
    )
    columns = (say("households.prior.group"), say("households.prior.share"))
    caption = say("households.prior.caption")
    return Table(key="households.priors", caption=caption, columns=columns, rows=rows, nature="set")


def _weights(facts: HouseholdFacts) -> Table:
    """The categories of which the weights of two genders differ most: what people assumed, for everybody to see."""
    assert facts.rules is not None
    weights = facts.rules.gender
    values = facts.rules.values("gender")
    keys = list(weights[values[0]])
    spread = {key: max(weights[v][key] for v in values) / min(weights[v][key] for v in values) for key in keys}
    most = sorted(keys, key=lambda key: (-spread[key], key))[:_SHOWN_CATEGORIES]
    rows = tuple(
        Row(
            key=key,
            cells=(
                terms(f"category.{key}"),
                *(Value(unit="ratio", number=weights[value][key], digits=1) for value in values),
            ),
        )
        for key in most
    )
    columns = (say("households.weights.category"), *(say(f"term.{value}") for value in values))
    caption = say("households.weights.caption")
    return Table(key="households.weights", caption=caption, columns=columns, rows=rows, nature="set")


def _group(what: str, value: str) -> Sentence:
    named = say("households.group", what=terms(what), value=terms(value))
    return named.model_copy(update={"key": f"households.group.{what}.{value}"})


def _fairness(facts: HouseholdFacts) -> tuple[Block, ...]:
    """The note, and, where a truth was known, how each group fared."""
    lead = Paragraph(text=say("households.fairness.lead"))
    figures = (facts.evaluation or {}).get("inferences") or {}
    rows = tuple(
        Row(
            key=f"{what}.{value}",
            cells=(
                _group(what, value),
                Value(unit="count", number=group["count"]),
                Value(unit="share", number=group["sure_share"], digits=0),
                Value(unit="share", number=accuracy(group), digits=0),
            ),
        )
        for what, measured in figures.items()
        for value, group in measured.get("groups", {}).items()
    )
    if not rows:
        return (lead,)
    keys = ("people", "answered", "right")
    columns = (say("households.prior.group"), *(say(f"households.fairness.{key}") for key in keys))
    table = Table(key="households.groups", caption=say("households.fairness.caption"), columns=columns, rows=rows)
    return (lead, table, *reliability(figures))
