"""One whole run, headless: ingest, validate, build, features, train, gates, reports, cards, in this order.

Each step after ingestion runs in a process of its own, so that what TensorFlow, Great Expectations or Evidently hold
is given back when the step ends, and a step killed by the system is one readable line.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from core import clock
from core.errors import StageError, UserError
from core.json_form import json_form
from core.logs import progress
from core.settings import Settings, load
from pipeline_state import inputs_of, is_unchanged, remember
from pipeline_step import run_apart, started_ahead

Runner = Callable[[str, Settings, datetime, dict[str, Any]], Any]
"""Runs one step and returns its report as JSON values; ``run_apart`` except in tests."""


@dataclass(frozen=True)
class Step:
    """One line of progress: what a person calls it, and the entry point behind it (``pipeline_step.ENTRY_POINTS``)."""

    name: str
    does: str


STEPS = (
    Step("check_door", "validate what came in"),
    Step("build", "build the warehouse"),
    Step("check_marts", "validate the marts"),
    Step("docs", "document the warehouse"),
    Step("households", "find the households"),
    Step("ad_counts", "hand over the ad counters"),
    Step("conclusions", "link households and infer for ads"),
    Step("features", "publish features"),
    Step("train", "train and evaluate"),
    Step("promote", "pass the gates"),
    Step("drift", "report drift"),
    Step("ranking", "report ranking"),
    Step("bias", "report bias"),
    Step("experiments", "read out the experiments"),
    Step("caps", "recount the caps of ads"),
    Step("cards", "write the model cards"),
)


@dataclass(frozen=True)
class StepReport:
    """What a step did and how long it took."""

    name: str
    seconds: float
    report: Any


@dataclass(frozen=True)
class PipelineReport:
    """A whole run; ``is_unchanged`` when the input was that of the last run, so that nothing was done."""

    as_of: datetime
    is_unchanged: bool
    steps: tuple[StepReport, ...]
    rejected: str | None = None
    """Why the gates kept the last champion; None where the new one serves."""


def run(
    settings: Settings, source: Path, as_of: datetime, *, explicit: bool, runner: Runner = run_apart
) -> PipelineReport:
    """Run all steps over a landing directory as of a time; ``explicit``: the user named the time.

    Raises:
        UserError: the source is no landing directory.
        StageError: a step failed; everything before it stands, the last champion goes on serving.
    """
    if not source.is_dir():
        raise UserError(f"source: {source} is no directory; name one that holds catalogue/ and events/")
    taken_in = _timed("ingest", lambda: _ingest(settings, source, as_of))
    inputs = inputs_of(settings, as_of if explicit else None)
    if is_unchanged(settings, inputs, as_of):
        progress("nothing has changed since the last run: nothing to do")
        return PipelineReport(as_of, True, (taken_in,))
    report = _run_steps(settings, as_of, PipelineReport(as_of, False, (taken_in,)), runner)
    if report.rejected:
        raise StageError(f"{report.rejected}; the last champion goes on serving")
    remember(settings, inputs, as_of)  # the very last thing: a run that was killed is done again
    return report


def _ingest(settings: Settings, source: Path, as_of: datetime) -> Any:
    from ingestion.decision_log import ingest_decisions
    from ingestion.landing import ingest_source

    landing = json_form(ingest_source(settings, source, as_of))
    return {"landing": landing, "decisions": json_form(ingest_decisions(settings, as_of))}


def _run_steps(settings: Settings, as_of: datetime, report: PipelineReport, runner: Runner) -> PipelineReport:
    """Run the steps in order; a model that the gates turn down does not keep the reports from being written."""
    known: dict[str, Any] = {}
    for number, step in enumerate(STEPS, start=2):
        progress(f"[{number}/{len(STEPS) + 1}] {step.does} ...")
        try:
            done = _timed(step.name, lambda step=step: runner(step.name, settings, as_of, known))  # type: ignore[misc]
        except StageError as error:
            if step.name != "promote" or not _has_champion(settings):
                raise
            report = replace(report, rejected=str(error))
            progress(f"      {error}; the last champion goes on serving")
            continue
        known[step.name] = done.report
        report = replace(report, steps=(*report.steps, done))
        progress(f"      {step.name}: {done.seconds:.1f} s")
    return report


def _has_champion(settings: Settings) -> bool:
    from training.runs import champion_version

    return champion_version(settings) is not None


def _timed(name: str, work: Callable[[], Any]) -> StepReport:
    started = time.perf_counter()
    report = work()
    return StepReport(name, round(time.perf_counter() - started, 2), report)


def command(
    source: Annotated[Path, typer.Option(help="Landing directory with catalogue/ and events/.")],
    as_of: Annotated[str | None, typer.Option(help="Time of the run (RFC 3339); the clock if not given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")] = False,
) -> None:
    """One whole run, headless: from logs to a gated model, reports and cards."""
    at = clock.parse_instant(as_of, "as-of") if as_of else clock.now()
    settings = load()
    with started_ahead("build", settings, at) as runner:  # dbt loads while ingestion works
        report = run(settings, source.resolve(), at, explicit=as_of is not None, runner=runner)
    if as_json:
        sys.stdout.write(json.dumps(json_form(report)) + "\n")
    progress(f"done in {sum(step.seconds for step in report.steps):.1f} s; look at it with: mediathek serve")
