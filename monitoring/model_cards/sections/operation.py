"""Further development, tests and key figures: how the use case is kept up and judged (NV-T5, NV-T6, NV-M1, NV-M2)."""

from datetime import datetime

from core.algorithms.experiments import Experiment
from monitoring.model_cards.content import Block, Bullets, Figure, Figures, Notice, Paragraph, Section, Sentence
from monitoring.model_cards.inputs import Inputs
from monitoring.model_cards.sections.values import count, date, hours, section, share, words
from monitoring.model_cards.wording import say


def development(inputs: Inputs) -> Section:
    cycle = say("development.cycle", hours=hours(inputs.settings.next_video.retrain_hours))
    return section("development", Bullets(items=(cycle, say("development.no_automatic"))))


def tests(inputs: Inputs) -> Section:
    running = tuple(_experiment(each) for each in inputs.experiments if each.use_case == "next-video")
    ab = (say("tests.ab"), *running) if running else (say("tests.ab"), say("tests.none"))
    refused = [Notice(text=say("tests.refused"))] if inputs.refused_experiments else []
    return section("tests", Bullets(items=(say("tests.bias"), *ab)), *refused, _drift(inputs))


def kpis(inputs: Inputs) -> Section:
    window = inputs.settings.next_video.volume_attribution_hours
    return section("kpis", Paragraph(text=say("kpis.volume", hours=hours(window))), volume(inputs))


def volume(inputs: Inputs) -> Block:
    if inputs.volume is None or not inputs.volume["hours"]:
        return Notice(text=say("kpis.no_volume"))
    total, attributed = inputs.volume["hours"], inputs.volume["attributed"]
    return Figures(
        items=(
            Figure(key="kpi.volume", label=say("kpis.total"), value=hours(total, digits=0)),
            Figure(key="kpi.volume_attributed", label=say("kpis.attributed"), value=hours(attributed, digits=0)),
        )
    )


def _experiment(each: Experiment) -> Sentence:
    """What runs, with each arm's share; the hypothesis stands as its owner wrote it, in each language."""
    shares = {f"share_{index}": share(arm.share) for index, arm in enumerate(each.arms)}
    arms = ", ".join(f"{arm.name} ({{share_{index}}})" for index, arm in enumerate(each.arms))
    head = say("tests.running", name=words(each.name), start=date(each.start), end=date(each.end))
    guess_en = each.hypothesis.replace("{", "{{").replace("}", "}}")
    guess_de = (each.hypothesis_de or each.hypothesis).replace("{", "{{").replace("}", "}}")
    return head.model_copy(
        update={
            "key": f"tests.running.{each.name}",
            "de": f"{head.de}: {arms}. Vermutung: {guess_de}",
            "en": f"{head.en}: {arms}. Hypothesis: {guess_en}",
            "values": {**head.values, **shares},
        }
    )


def _drift(inputs: Inputs) -> Block:
    report = inputs.drift
    if report is None:
        return Notice(text=say("tests.no_drift"))
    at = date(datetime.fromisoformat(report["as_of"]))
    if not report["columns"]:
        return Notice(text=say("tests.drift_unmeasured", date=at))
    drifted, total = count(report["drifted_count"]), count(len(report["columns"]))
    return Paragraph(text=say("tests.drift", date=at, drifted=drifted, total=total))
