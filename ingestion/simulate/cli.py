"""``mediathek simulate`` (LOG-3)."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    out: Annotated[Path | None, typer.Option(help="Directory for landing/ (a source) and truth/.")] = None,
    days: Annotated[int, typer.Option(help="Length of the logs; they end at --as-of.")] = 30,
    households: Annotated[
        int,
        typer.Option(help="Households in town. 100 make about 1,700 events a day: 2000 in 30 days about 1 million."),
    ] = 2000,
    events: Annotated[
        int | None, typer.Option(help="Choose --households so that about this many events come out (within a tenth).")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed and options write the same bytes.")] = 7,
    videos: Annotated[int, typer.Option(help="Size of the catalogue, daily news not counted.")] = 2500,
    as_of: Annotated[str | None, typer.Option(help="End of the logs, RFC 3339; else the clock.")] = None,
    hard: Annotated[
        bool, typer.Option(help="More carrier NAT, daily leases, guests, random MACs and defects.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write a month of realistic view logs by seed, its ground truth apart, and go on for ever if asked."""
    from dataclasses import asdict

    from core import clock
    from core.errors import UserError
    from ingestion.simulate.run import write_month
    from ingestion.simulate.scenario import EVENTS_PER_HOUSEHOLD_DAY, Scenario

    if out is None:
        raise UserError("out: say where the logs go, by --out DIR")
    if events is not None:
        households = max(1, round(events / (days * EVENTS_PER_HOUSEHOLD_DAY)))
    at = clock.parse_instant(as_of, "as-of") if as_of else clock.now().replace(microsecond=0)
    report, _, _ = write_month(Scenario(at, days, households, seed, videos, hard), out)
    if as_json:
        import json

        typer.echo(json.dumps(asdict(report)))
