"""``mediathek households ...``."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

households = typer.Typer(no_args_is_help=True, help="Who lives together, told from who was seen where and when.")

AsOf = Annotated[str | None, typer.Option("--as-of", help="Time of the run, RFC 3339 with zone; default: the clock.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")]

Engine = Literal["duckdb", "spark"]


@households.callback()
def _households() -> None:
    """Keep the commands below one name."""


@households.command("follow")
def follow(as_json: AsJson = False) -> None:
    """Follow the lake live: new commits become households, a feed and artefacts within a second. Ends with Ctrl-C."""
    import signal
    import threading
    from dataclasses import asdict

    from core import clock
    from core import settings as settings_module
    from training.households import live

    settings = settings_module.load()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    report = live.follow(settings, clock.now, stop.is_set, stop.wait)
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        typer.echo(f"{report.batches} commits, {report.events} events, {report.steps} steps")


@households.command("cluster")
def cluster(
    as_of: AsOf = None,
    engine: Annotated[Engine, typer.Option(help="What prepares the evidence, by the same dbt model.")] = "duckdb",
    as_json: AsJson = False,
) -> None:
    """Find the households in the whole lake at once: what the pipeline does, alone."""
    from dataclasses import asdict

    from core import clock
    from core.settings import load
    from training.households.run import cluster as cluster_lake

    report = cluster_lake(load(), clock.parse_instant(as_of, "as-of") if as_of else clock.now(), engine)
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        typer.echo(f"{report.devices} devices in {report.households} households, {report.changes} changes")


@households.command("export")
def export(
    at: Annotated[str | None, typer.Option(help="Only what was so at this time (RFC 3339).")] = None,
    links: Annotated[bool, typer.Option("--links", help="The links between households instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Nothing else is printed anyway: JSON lines.")] = False,
) -> None:
    """Print who lives where as JSON lines, or with --links which households visit each other."""
    import sys

    from core import clock
    from core.settings import load
    from training.households.export import exported_homes, exported_links

    paths = load().paths
    instant = clock.parse_instant(at, "at") if at else None
    for row in exported_links(paths) if links else exported_homes(paths, instant):
        sys.stdout.write(json.dumps(row) + "\n")


@households.command("evaluate")
def evaluate(
    source: Annotated[Path, typer.Option(help="Landing directory of a simulation.")],
    truth: Annotated[Path, typer.Option(help="Its truth: device_household.csv, household_link.csv.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Score households and links against a simulation's truth, by hard case, with simple methods beside them."""
    from core import clock
    from core.settings import load
    from training.households.evaluate import evaluate as score
    from training.households.evaluate import lines_of

    at = clock.parse_instant(as_of, "as-of") if as_of else clock.now()
    figures = score(load(), source.resolve(), truth.resolve(), at)
    typer.echo(json.dumps(figures) if as_json else lines_of(figures))
