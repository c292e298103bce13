"""``mediathek ingest``, ``mediathek quarantine ...``, ``mediathek schema`` and ``mediathek privacy pseudonym``."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ingestion.report import IngestReport

SourceOption = Annotated[Path | None, typer.Option(help="Landing directory with catalogue/ and events/.")]
KafkaOption = Annotated[str | None, typer.Option(help="Bootstrap servers, host:port.")]
TopicOption = Annotated[str | None, typer.Option(help="Topic with event lines.")]
AsOfOption = Annotated[str | None, typer.Option(help="Time of the run, RFC 3339. [default: the clock]")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


def ingest(
    source: SourceOption = None,
    kafka: KafkaOption = None,
    topic: TopicOption = None,
    as_of: AsOfOption = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    poll_seconds: Annotated[
        float | None, typer.Option(min=0.1, help="With --follow --source: look again so often. Default: settings.toml.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take new events, catalogue and campaign lines into the lake, each exactly once."""
    from core import settings as settings_module
    from core.errors import UserError

    settings = settings_module.load()
    _check_source(source, kafka, topic)
    if follow and as_of is not None:
        raise UserError("as-of: --follow goes by the clock; leave one of the two out")
    if follow:
        _follow(settings, source, kafka, topic, poll_seconds, as_json)
        return
    at = _time(as_of)
    if source is not None:
        from ingestion.landing import ingest_source

        _show(ingest_source(settings, source, at), as_json)
    else:
        from ingestion.kafka import ingest_topic

        _show(ingest_topic(settings, str(kafka), str(topic), at), as_json)


def _check_source(source: Path | None, kafka: str | None, topic: str | None) -> None:
    from core.errors import UserError

    if (kafka is None) != (topic is None):
        raise UserError("kafka: --kafka BOOTSTRAP and --topic T go together")
    if (source is None) == (kafka is None):
        raise UserError("source: give either --source DIR or --kafka BOOTSTRAP --topic T")


def _time(as_of: str | None) -> datetime:
    from core import clock

    return clock.now() if as_of is None else clock.parse_instant(as_of, "as-of")


def _follow(
    settings: Any, source: Path | None, kafka: str | None, topic: str | None, poll_seconds: float | None, as_json: bool
) -> None:
    import signal
    import threading

    from core import clock

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if source is not None:
        from ingestion.follow import follow_source

        follow_source(
            settings, source, clock.now, stop.is_set, stop.wait, lambda report: _show(report, as_json), poll_seconds
        )
    else:
        from ingestion.giving_way import following
        from ingestion.kafka import follow_topic

        def follow(is_stopped: Callable[[], bool]) -> None:
            _show(follow_topic(settings, str(kafka), str(topic), clock.now, is_stopped), as_json)

        following(settings.paths, stop.is_set, follow)


def _show(report: "IngestReport", as_json: bool) -> None:
    if as_json:
        _print(report.as_json())
        return
    for note in report.notes:
        typer.echo(f"note: {note}", err=True)
    for kind, counts in report.kinds.items():
        refused = sum(counts.quarantined.values())
        if counts.accepted or counts.repeated or refused or counts.expired:
            reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(counts.quarantined.items()))
            typer.echo(
                f"{kind}: {counts.accepted} accepted, {counts.repeated} repeated, {counts.expired} expired, "
                f"{refused} quarantined" + (f" ({reasons})" if reasons else "")
            )
    if not report.has_changes:
        typer.echo("nothing new")


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=_as_text))


def _as_text(value: Any) -> str:
    return value.isoformat() + "Z" if isinstance(value, datetime) else str(value)


quarantine = typer.Typer(no_args_is_help=True, help="Lines that were refused: look at them, take them in again.")


@quarantine.command("list")
def list_entries(
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Show open entries: file, line, reason, message and the text with addresses masked."""
    from core import settings as settings_module
    from ingestion.quarantine import open_entries

    entries = [e for e in open_entries(settings_module.load().paths) if reason in (None, e["reason"])][:limit]
    if as_json:
        _print(entries)
        return
    for entry in entries:
        typer.echo(f"{entry['file']}:{entry['line']}: {entry['reason']}: {entry['message']}\n    {entry['raw'][:160]}")


@quarantine.command("count")
def count_entries(as_json: JsonOption = False) -> None:
    """Count open entries by reason."""
    from core import settings as settings_module
    from ingestion.quarantine import count_by_reason

    counts = count_by_reason(settings_module.load().paths)
    if as_json:
        _print(counts)
        return
    for reason, count in counts.items():
        typer.echo(f"{count:8d}  {reason}")


@quarantine.command("retry")
def retry_entries(
    source: SourceOption = None,
    kafka: KafkaOption = None,
    topic: TopicOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read refused lines again where they stand, and take in those that are fit now."""
    from core import settings as settings_module
    from core.json_form import json_form
    from ingestion.retry import retry_source, retry_topic

    _check_source(source, kafka, topic)
    settings, at = settings_module.load(), _time(as_of)
    if source is not None:
        result = retry_source(settings, source, at)
    else:
        result = retry_topic(settings, str(kafka), str(topic), at)
    if as_json:
        _print(json_form(result))
        return
    still = sum(result.still_refused.values())
    typer.echo(f"{result.tried} tried: {result.resolved} taken in, {still} still refused, {result.gone} not found")


def schema() -> None:
    """Print the JSON Schema of the landing lines: events, catalogue, campaigns."""
    from core.contracts.landing import json_schema

    _print(json_schema())


privacy = typer.Typer(no_args_is_help=True, help="What is stored about a device.")


@privacy.callback()
def _privacy() -> None:
    """Keep ``pseudonym`` a subcommand while it is the only one."""


@privacy.command("pseudonym")
def pseudonym(
    macs: Annotated[list[str], typer.Argument(metavar="MAC...", help="MAC addresses in any common notation.")],
    as_json: JsonOption = False,
) -> None:
    """Show the key that a device has in all data (PRV-1); a device never seen has one too."""
    from core import settings as settings_module
    from core.errors import UserError
    from core.privacy import load_pseudonyms, normalise_mac

    pseudonyms = load_pseudonyms(settings_module.load().paths.keys)
    result = []
    for text in macs:
        mac = normalise_mac(text)
        if mac is None:
            raise UserError(f"mac: '{text}' is no MAC address; write e.g. aa:bb:cc:dd:ee:01")
        result.append({"mac": text, "device_key": pseudonyms.device_key(mac)})
    if as_json:
        _print(result)
        return
    for row in result:
        typer.echo(f"{row['mac']}  {row['device_key']}")
