"""``mediathek quality``, ``mediathek reports`` and ``mediathek experiments``."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer

experiments = typer.Typer(no_args_is_help=True, help="A/B tests: what runs, and what it says so far (NV-M2).")

AsOf = Annotated[str | None, typer.Option("--as-of", help="Time of the run, RFC 3339 with zone; default: the clock.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


def quality(
    suite: Annotated[str, typer.Argument(help="door (the lake), marts (dbt's exports), or both.")] = "both",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Check the data with Great Expectations and write the report; a failed suite ends with exit code 1."""
    from core.errors import UserError

    if suite not in ("door", "marts", "both"):
        raise UserError(f"suite: '{suite}' is unknown; use door, marts or both")

    def run(settings: Any, time: Any) -> Any:
        from monitoring.quality import door, marts

        checks = {"door": door.check, "marts": marts.check}
        return {name: check(settings, time) for name, check in checks.items() if suite in (name, "both")}

    _run(run, as_of, as_json, _quality_lines)


def reports(
    kind: Annotated[str, typer.Argument(help="drift, ranking, bias, detector_drift, or all.")] = "all",
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Write the drift, ranking and bias reports on the champion."""
    from core.errors import UserError

    if kind not in ("drift", "ranking", "bias", "detector_drift", "all"):
        raise UserError(f"kind: '{kind}' is unknown; use drift, ranking, bias, detector_drift or all")

    def run(settings: Any, time: Any) -> Any:
        from monitoring import bias, detector_drift, drift, ranking

        runs: dict[str, Callable[[Any, Any], Any]] = {
            "drift": drift.run, "ranking": ranking.run, "bias": bias.run, "detector_drift": detector_drift.run,
        }  # fmt: skip
        return {name: report(settings, time) for name, report in runs.items() if kind in (name, "all")}

    _run(run, as_of, as_json, lambda found: "\n".join(_report_line(name, each) for name, each in found.items()))


@experiments.command("list")
def list_experiments(as_json: AsJson = False) -> None:
    """Name the experiments of the configuration."""

    def run(settings: Any, time: Any) -> Any:
        from core.algorithms.experiments import read_experiments
        from core.logs import progress

        known, wrong = read_experiments(settings.config / "experiments")
        for message in wrong:
            progress(message)
        return [each.model_dump(mode="json", by_alias=True) | {"is_running": each.is_running(time)} for each in known]

    def line(each: Any) -> str:
        arms = ", ".join(f"{arm['name']} {arm['share']:.0%}" for arm in each["arms"])
        until = each["stopped"] or each["end"]
        state = "running" if each["is_running"] else "stopped" if each["stopped"] else "not running"
        return f"{each['name']} v{each['version']}  {each['start'][:10]} to {until[:10]}  {state}  {arms}"

    _run(run, None, as_json, lambda found: "\n".join(line(each) for each in found) or "no experiments")


@experiments.command("start")
def start_experiment(
    name: Annotated[str, typer.Argument(help="The experiment's name: that of its file in config/experiments.")],
    days: Annotated[int | None, typer.Option(min=1, help="How long; default: as long as its file says.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="From when, RFC 3339 with zone; default: now.")] = None,
) -> None:
    """Let an experiment run from now on; serving takes it up within seconds."""

    def run(settings: Any, time: Any) -> Any:
        from monitoring.experiments.editing import start

        return start(settings.config / "experiments", name, time, days)

    _run(
        run, at, False, lambda found: f"{name} version {found['version']} runs from {found['start']} to {found['end']}"
    )


@experiments.command("stop")
def stop_experiment(
    name: Annotated[str, typer.Argument(help="The experiment's name; see `mediathek experiments list`.")],
    at: Annotated[str | None, typer.Option("--at", help="When, RFC 3339 with zone; default: now.")] = None,
) -> None:
    """End an experiment now; all units get what the settings say within seconds. Its file stays for the record."""

    def run(settings: Any, time: Any) -> Any:
        from monitoring.experiments.editing import stop

        return stop(settings.config / "experiments", name, time)

    _run(run, at, False, lambda found: f"{name} stopped at {found['stopped']}")


@experiments.command("plan")
def plan_experiment(
    name: Annotated[str, typer.Argument(help="The experiment's name; see `mediathek experiments list`.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Before the start: the smallest difference that an experiment can find, from the time before it."""

    def run(settings: Any, time: Any) -> Any:
        from monitoring.experiments.planning import plan_figures
        from monitoring.experiments.readout import find
        from monitoring.experiments.wording import plan_words

        experiment = find(settings, name)
        figures = plan_figures(settings, experiment, time)
        return {"figures": figures, "words": plan_words(experiment, figures)}

    _run(run, as_of, as_json, lambda found: f"{found['words']['de']}\n{found['words']['en']}")


@experiments.command("readout")
def readout(
    name: Annotated[str, typer.Argument(help="The experiment's name; see `mediathek experiments list`.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Compare the arms' viewing volume and write the read-out. Nothing acts on it (NV-T6)."""

    def run(settings: Any, time: Any) -> Any:
        from monitoring.experiments.readout import find, read_out

        return read_out(settings, find(settings, name), time)

    def lines(found: Any) -> str:
        return "\n".join(
            " ".join([found[f"verdict_{language}"], *found[f"notes_{language}"]]) for language in ("de", "en")
        )

    _run(run, as_of, as_json, lines)


def _run(run: Callable[[Any, Any], Any], as_of: str | None, as_json: bool, lines: Callable[[Any], str]) -> None:
    from core.clock import now, parse_instant
    from core.json_form import json_form
    from core.settings import load

    result = json_form(run(load(), parse_instant(as_of, "as-of") if as_of else now()))
    typer.echo(json.dumps(result, ensure_ascii=False, indent=1) if as_json else lines(result))


def _quality_lines(found: Any) -> str:
    def line(name: str, report: Any) -> str:
        missed = [each for each in report["outcomes"] if not each["passed"]]
        warnings = "".join(f"\n  warning: {each['table']}.{each['column']}: {each['says']}" for each in missed)
        return f"{name}: {len(report['outcomes']) - len(missed)} expectations hold{warnings}\n  {report['report']}"

    return "\n".join(line(name, report) for name, report in found.items())


def _report_line(name: str, report: Any) -> str:
    if name == "bias":
        return f"bias: {len(report['figures'])} figures from {report['request_count']} replayed requests"
    if name == "ranking":
        return f"ranking: {report['reason_en'] or str(len(report['metrics'])) + ' metrics'}\n  {report['report']}"
    if name == "detector_drift":
        said = report["reason_en"] or f"{report['drifted_count']} of {len(report['columns'])} columns drifted"
        return f"detector_drift: {said}{', ALARM' if report['has_alert'] else ''}\n  {report['report']}"
    share = report["drifted_share"]
    said = "nothing could be measured" if share is None else f"{share:.0%} of the columns drifted"
    return f"drift: {said}{', alert raised' if report['has_alert'] else ''}\n  {report['report']}"
