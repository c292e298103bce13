"""``mediathek households ...``."""

import json
from typing import Annotated

import typer

households = typer.Typer(no_args_is_help=True, help="Who lives together, told from who was seen where and when.")

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")]


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
