"""The algorithm: base algorithm, postprocessing, training data and biases (NV-T1 to NV-T4, NV-P1, NV-M1)."""

from monitoring.model_cards.champion import ChampionInfo
from monitoring.model_cards.content import (
    Block,
    Bullets,
    Heading,
    Notice,
    Paragraph,
    Row,
    Section,
    Sentence,
    Source,
    Sources,
    Table,
)
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.rule_texts import rule_list
from monitoring.model_cards.sections.bias import bias
from monitoring.model_cards.sections.control_prices import control_prices, price_plot
from monitoring.model_cards.sections.quality import quality
from monitoring.model_cards.sections.values import count, days, instant, section, share, terms, words
from monitoring.model_cards.trained import Trained, read_manifest
from monitoring.model_cards.wording import say


def algorithm(inputs: Inputs) -> Section:
    trained = read_manifest(inputs.manifest) if inputs.manifest is not None else None
    return section(
        "algorithm",
        Heading(text=say("algorithm.base")),
        *_base(inputs, trained),
        *((*quality(trained), *price_plot(trained)) if trained else ()),
        Heading(text=say("algorithm.post")),
        rule_list(inputs.rules, inputs.settings, ("NV-P1",)),
        *control_prices(inputs.rules.ranking, trained),
        Heading(text=say("algorithm.data")),
        *_training_data(inputs, trained),
        Heading(text=say("algorithm.bias")),
        *bias(inputs),
    )


def _base(inputs: Inputs, trained: Trained | None) -> tuple[Block, ...]:
    blend = inputs.settings.next_video.blend
    combined = Paragraph(
        text=say(
            "algorithm.combined",
            sequence=share(blend.sequence),
            similarity=share(blend.similarity),
            taste=share(blend.taste),
        )
    )
    if trained is None or inputs.champion is None:
        return combined, Notice(text=say("algorithm.no_model"))
    model = say(
        "algorithm.model",
        version=words(inputs.champion.version),
        trained=instant(trained.trained_at),
        items=count(trained.items),
        parameters=count(trained.parameters),
    )
    sources = tuple(
        Source(title=each["title"], authors=each["authors"], year=str(each["year"]), where=each["where"])
        for each in trained.sources
    )
    own = tuple(device for device, name in trained.classes.items() if name == device)
    shared = tuple(device for device, name in trained.classes.items() if name != device)
    bullets = [model, _gates(inputs.champion)]
    if own:
        bullets.append(say("algorithm.classes", own=terms(*own)))
    if shared:
        bullets.append(say("algorithm.shared", shared=terms(*shared)))
    return (combined, Bullets(items=tuple(bullets)), *((Sources(items=sources),) if sources else ()))


def _gates(serving: ChampionInfo) -> Sentence:
    """What the gates found before this version became champion, as they tagged it (NV-T5)."""
    passed = tuple(
        name.removeprefix("gate.")
        for name, verdict in sorted(serving.tags.items())
        if name.startswith("gate.") and verdict.startswith("passed")
    )
    if not passed or serving.tags.get("verdict") != "passed":
        return say("algorithm.no_gates")
    return say("algorithm.gates_passed", count=count(len(passed)), gates=terms(*(f"gate.{name}" for name in passed)))


def _training_data(inputs: Inputs, trained: Trained | None) -> tuple[Block, ...]:
    settings = inputs.settings.next_video
    used = Bullets(
        items=(
            say("training.window", window=days(settings.window_days)),
            say("training.share", share=share(settings.min_watched_share)),
            say("training.plays", plays=count(settings.min_plays)),
            say("training.episode"),
            say("training.metadata"),
        )
    )
    stale = _differing(inputs, trained) if trained else None
    return (used, stale, _funnel(inputs)) if stale else (used, _funnel(inputs))


def _differing(inputs: Inputs, trained: Trained) -> Notice | None:
    """Told where the settings were changed after the model that now serves had been trained."""
    now = inputs.settings.next_video
    names = ("window_days", "min_watched_share", "min_plays")
    if all(trained.settings[name] == getattr(now, name) for name in names):
        return None
    window, least, plays = (trained.settings[name] for name in names)
    return Notice(text=say("training.differs", window=days(window), share=share(least), plays=count(plays)))


def _funnel(inputs: Inputs) -> Block:
    """Rows kept and dropped at each step, all device classes together."""
    if inputs.funnel is None:
        return Notice(text=say("training.no_funnel"))
    steps: dict[int, tuple[str, str, int, int]] = {}
    for row in inputs.funnel:
        kept, dropped = steps.get(row["step_number"], ("", "", 0, 0))[2:]
        steps[row["step_number"]] = (
            row["step"],
            row["requirement"],
            kept + row["row_count"],
            dropped + row["dropped_count"],
        )
    rows = tuple(
        Row(key=step, cells=(_step(step, requirement), count(kept), count(dropped)))
        for _, (step, requirement, kept, dropped) in sorted(steps.items())
    )
    columns = (say("training.step"), say("training.used"), say("training.dropped"))
    return Table(key="training.funnel", caption=say("training.funnel"), columns=columns, rows=rows)


def _step(step: str, requirement: str | None) -> Sentence:
    name = terms(f"step.{step}")
    return Sentence(key=f"step.{step}", number=requirement or "", de="{step}", en="{step}", values={"step": name})
