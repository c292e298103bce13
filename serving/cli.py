"""``mediathek serve``."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import UserError

_HOUSEHOLDS = ["households", "follow"]


def serve(
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one. Default: settings.toml.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to bind to; loopback unless told otherwise.")] = None,
    source: Annotated[Path | None, typer.Option(help="Landing directory to follow live.")] = None,
    kafka: Annotated[str | None, typer.Option(help="Kafka bootstrap servers to follow live, host:port.")] = None,
    topic: Annotated[str | None, typer.Option(help="Kafka topic; needs --kafka.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; one is enough for hundreds a second.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the address as one line of JSON.")] = False,
) -> None:
    """Serve the API and the pages over what the last pipeline run made; with a source, follow it live."""
    follow = follow_commands(source, kafka, topic)
    from core.settings import apply_no_telemetry, child_environment, load

    settings = load()
    apply_no_telemetry()
    from serving import server
    from serving.auth import load_token
    from serving.follower import Follower

    listening = server.bind(host or settings.serving.host, settings.serving.port if port is None else port)
    load_token(settings)  # printed here, once, and not by each worker
    followers = [Follower(each, child_environment(settings), settings.serving.follower_niceness) for each in follow]
    for follower in followers:
        follower.start()
    try:
        server.run(settings, listening, workers, as_json)
    finally:
        listening.close()
        for follower in followers:
            follower.ask_to_stop()
        for follower in followers:
            follower.stop()


def follow_commands(source: Path | None, kafka: str | None, topic: str | None) -> list[list[str]]:
    """What runs beside the server: ingestion follows the source, households follow the lake. Empty without a source.

    Raises:
        UserError: both sources, half of Kafka's two options, or a source that is no directory.
    """
    if (kafka is None) != (topic is None):
        raise UserError("kafka: --kafka and --topic belong together; give both")
    if source is not None and kafka is not None:
        raise UserError("source: follow a directory (--source) or a topic (--kafka, --topic), not both")
    if source is not None:
        if not source.is_dir():
            raise UserError(f"source: {source} is no directory; name one that holds catalogue/ and events/")
        return [["ingest", "--source", str(source.resolve()), "--follow"], _HOUSEHOLDS]
    if kafka is not None and topic is not None:
        return [["ingest", "--kafka", kafka, "--topic", topic, "--follow"], _HOUSEHOLDS]
    return []
