"""``mediathek simulate`` (LOG-3)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ingestion.simulate.run import Run
    from ingestion.simulate.scenario import Scenario

_FILE_SECONDS = 3.0
"""``--follow`` writes a file so often, if anything is due."""
_MESSAGE_SECONDS = 0.2
"""Messages are sent nearly when they happen, as a backend would."""


def simulate(
    out: Annotated[Path | None, typer.Option(help="Directory for landing/ (a source) and truth/.")] = None,
    kafka: Annotated[
        str | None, typer.Option(help="Bootstrap servers: events go there; catalogue and truth to --out, if given.")
    ] = None,
    topic: Annotated[str | None, typer.Option(help="The topic for --kafka.")] = None,
    days: Annotated[int | None, typer.Option(help="Length of the logs; they end at --as-of. [default: 30]")] = None,
    households: Annotated[
        int | None,
        typer.Option(help="100 make about 1,700 events a day: 2000 in 30 days about 1 million. [default: 2000]"),
    ] = None,
    events: Annotated[
        int | None, typer.Option(help="Choose --households so that about this many events come out (within a tenth).")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Equal seed and options write equal bytes. [default: 7]")] = None,
    videos: Annotated[int | None, typer.Option(help="Catalogue without daily news. [default: 2500]")] = None,
    as_of: Annotated[str | None, typer.Option(help="End of the logs, RFC 3339. [default: the clock]")] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on for ever; a second start goes on where the first ended.")
    ] = False,
    speed_up: Annotated[
        float, typer.Option(min=0.01, help="Simulated seconds per second of --follow; above 1 begin in the past.")
    ] = 1.0,
    hard: Annotated[
        bool | None, typer.Option("--hard", help="More carrier NAT, daily leases, guests, random MACs and defects.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write a month of realistic view logs by seed, its ground truth apart, and go on for ever if asked.

    A directory remembers its options: those not given are taken from there.
    """
    from core.errors import UserError
    from ingestion.simulate.manifest import followed_until
    from ingestion.simulate.run import Run

    if (kafka is None) != (topic is None):
        raise UserError("kafka: --kafka BOOTSTRAP and --topic T go together")
    if out is None and kafka is None:
        raise UserError("out: say where the logs go, by --out DIR or by --kafka BOOTSTRAP --topic T")
    if events is not None and households is not None:
        raise UserError("events: give --events or --households, not both")
    scenario = _scenario(out, as_of, days, households, events, seed, videos, hard)
    run = Run(scenario, out, _topic(kafka, topic))
    is_resumed = follow and followed_until(out) is not None
    if not is_resumed:
        _write_month(run, as_json)
    if follow:
        _follow(run, speed_up, is_resumed, is_by_clock=as_of is None)


def _scenario(
    out: Path | None, as_of: str | None, days: int | None, households: int | None, events: int | None, seed: int | None,
    videos: int | None, hard: bool | None,
) -> "Scenario":  # fmt: skip
    """Put the options together: given ones, then those that the directory remembers, then the defaults."""
    from core import clock
    from ingestion.simulate.manifest import options_found
    from ingestion.simulate.scenario import EVENTS_PER_HOUSEHOLD_DAY, Scenario

    found = options_found(out)
    as_of = as_of or found.get("as_of")
    at = clock.parse_instant(as_of, "as-of") if as_of else clock.now().replace(microsecond=0)
    given = {"days": days, "households": households, "seed": seed, "videos": videos, "is_hard": hard}
    options = {name: value if value is not None else found.get(name) for name, value in given.items()}
    if events is not None:
        length = options["days"] or Scenario.days
        options["households"] = max(1, round(events / (length * EVENTS_PER_HOUSEHOLD_DAY)))
    return Scenario(at, **{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]


def _topic(kafka: str | None, topic: str | None):  # type: ignore[no-untyped-def]
    if kafka is None or topic is None:
        return None
    from ingestion.simulate.kafka import EventTopic

    return EventTopic(kafka, topic)


def _write_month(run: "Run", as_json: bool) -> None:
    import json
    from dataclasses import asdict

    report = run.write_month()
    if as_json:
        typer.echo(json.dumps(asdict(report)))


def _follow(run: "Run", speed_up: float, is_resumed: bool, is_by_clock: bool) -> None:
    """Follow until Ctrl-C or SIGTERM, both of which end it cleanly."""
    import signal
    import time

    from core import clock
    from core.logs import progress
    from ingestion.simulate.follow import Follower
    from ingestion.simulate.manifest import followed_until
    from ingestion.simulate.scenario import to_ms

    def now_ms() -> int:
        return to_ms(clock.now())

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    every_seconds = _FILE_SECONDS if run.topic is None else _MESSAGE_SECONDS
    follower = Follower(run, now_ms, time.sleep, speed_up, every_seconds)
    try:
        if is_resumed:
            follower.skip_to(followed_until(run.out) or run.scenario.end_ms)
        if is_by_clock and speed_up == 1:  # real time: what was missed since comes first
            follower.write_until(now_ms())
        follower.forever()
    except KeyboardInterrupt:
        progress("simulate: ended")
