"""The command line. It composes the stages and holds no logic; heavy imports wait until a command runs."""

import sys

import typer

import airflow_local
import pipeline
import privacy_erase
import privacy_export
import up
from core import logs, warehouse_cli
from core.errors import StageError, UserError
from ingestion import cli as ingestion_cli
from ingestion.simulate import cli as simulate_cli
from monitoring import cli as monitoring_cli
from monitoring.model_cards import cli as model_cards_cli
from serving import cli as serving_cli
from serving.ad_detection import add_cli, mine_cli, watch_cli
from serving.ad_detection import cli as detection_cli
from serving.next_video import preview_cli, series_cli
from training import cli as training_cli
from training.ad_detection import cli as ad_detection_cli
from training.households import cli as households_cli

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Mediathek ML: from view logs to recommendations.",
)

app.command("up")(up.command)
app.command("pipeline")(pipeline.command)
app.command(
    "airflow",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(airflow_local.command)
app.command("ingest")(ingestion_cli.ingest)
app.add_typer(ingestion_cli.quarantine, name="quarantine")
app.add_typer(ingestion_cli.privacy, name="privacy")
ingestion_cli.privacy.command("export")(privacy_export.command)
ingestion_cli.privacy.command("erase")(privacy_erase.command)
app.command("schema")(ingestion_cli.schema)
app.command("simulate")(simulate_cli.simulate)
app.command("build")(warehouse_cli.build)
app.command("rebuild")(warehouse_cli.rebuild)
app.command("docs")(warehouse_cli.docs)
app.command("features")(training_cli.features)
app.command("train")(training_cli.train)
app.command("promote")(training_cli.promote)
training_cli.next_video.command("series")(series_cli.series)
training_cli.next_video.command("preview")(preview_cli.preview)
training_cli.next_video.command("replay")(preview_cli.replay)
app.add_typer(training_cli.next_video, name="next-video")
app.add_typer(households_cli.households, name="households")
ad_detection_cli.ad_detection.command("detect")(detection_cli.detect)
ad_detection_cli.ad_detection.command("add")(add_cli.add)
ad_detection_cli.ad_detection.command("watch")(watch_cli.watch)
ad_detection_cli.ad_detection.command("mine")(mine_cli.mine)
app.add_typer(ad_detection_cli.ad_detection, name="ad-detection")
app.command("quality")(monitoring_cli.quality)
app.command("reports")(monitoring_cli.reports)
app.add_typer(monitoring_cli.experiments, name="experiments")
app.command("serve")(serving_cli.serve)
app.command("card")(model_cards_cli.card)


def main() -> None:
    """Run one command; a user's mistake ends with one clear line and exit code 2."""
    logs.set_up()
    try:
        app()
    except UserError as error:
        print(f"mediathek: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except StageError as error:
        print(f"mediathek: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"mediathek: unexpected {what}; all of it is in {logs.keep_traceback()}", file=sys.stderr)  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()
