"""Commands of the warehouse: build it, build it anew, and write its documentation."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from core import clock
from core.settings import load

AsOf = Annotated[str | None, typer.Option("--as-of", help="Time of the run (RFC 3339 with a zone); else the clock.")]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON on standard output.")]


def build(
    full: Annotated[bool, typer.Option("--full", help="Build everything anew, not only what new files touch.")] = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Build the marts, features and reports from the lake with dbt."""
    _build(full, as_of, as_json)


def rebuild(as_of: AsOf = None, as_json: Json = False) -> None:
    """Throw the DuckDB file away, damaged or not, and build it anew from the lake."""
    _build(True, as_of, as_json)


def docs(as_json: Json = False) -> None:
    """Write dbt's documentation as one page that works without a network."""
    from core import warehouse

    page = warehouse.docs(load())
    sys.stdout.write(f"{json.dumps({'page': str(page)}) if as_json else page}\n")


def _build(full: bool, as_of: str | None, as_json: bool) -> None:
    from core import warehouse

    settings = load()
    instant = clock.parse_instant(as_of, "--as-of") if as_of else clock.now()
    report = warehouse.build(settings, instant, full_refresh=full)
    if as_json:
        sys.stdout.write(json.dumps(asdict(report)) + "\n")
        return
    sys.stdout.write(
        f"{report.mode} build as of {report.as_of} in {report.seconds:.1f} s: {report.reason}; "
        f"{report.new_files} event files, {report.nodes_run} models, {report.tests_run} tests\n"
    )
    for model, count in report.rows.items():
        sys.stdout.write(f"{count:>12,}  {model}\n")
