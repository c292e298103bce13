"""``mediathek ad-detection compose|train|evaluate``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

ad_detection = typer.Typer(no_args_is_help=True, help="Ads in broadcast sound: ad, talk or music, every moment.")

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")]


@ad_detection.callback()
def _ad_detection() -> None:
    """Keep the commands below one name."""


@ad_detection.command("compose")
def compose(
    out: Annotated[Path, typer.Option(help="Folder for audio files and segments.csv.")],
    hours: Annotated[float, typer.Option(min=0.02, help="About so much sound.")] = 2.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sound.")] = 1,
    part: Annotated[str, typer.Option(help="train or test: they share no voice, language or style.")] = "train",
    recordings: Annotated[Path | None, typer.Option(help="Folder with speech/ and music/ (`make corpus`).")] = None,
    recorded_share: Annotated[float, typer.Option(min=0, max=1, help="Share taken from the recordings.")] = 1.0,
    file_minutes: Annotated[float, typer.Option(min=0.5, help="Length of one station's file.")] = 15.0,
) -> None:
    """Compose broadcasts of invented stations, with the truth of every second: synthetic, for training and tests."""
    from core.errors import UserError
    from training.ad_detection.composer.compose import compose as make

    if part not in ("train", "test"):
        raise UserError(f"part: '{part}' is unknown; use train or test")
    corpus = make(out, hours, seed, part, recordings, recorded_share, file_minutes)  # type: ignore[arg-type]
    typer.echo(f"{len(corpus.files)} files in {out}")


@ad_detection.command("train")
def train(
    corpus: Annotated[
        Path | None, typer.Option(help="Audio files beside segments.csv; default: synthetic stations are composed.")
    ] = None,
    hours: Annotated[float, typer.Option(min=0.02, help="Sound to compose where no corpus is given.")] = 5.0,
    test: Annotated[
        Path | None, typer.Option(help="A corpus that is not learned from; default: other stations are composed.")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 24,
    model: Annotated[str, typer.Option(help="Which net: crnn is what is served.")] = "crnn",
    as_of: Annotated[str | None, typer.Option("--as-of", help="Time of the run, RFC 3339; default: the clock.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train the detector, register it in MLflow and serve it if it passes its gate."""
    from dataclasses import asdict

    from core import clock
    from core.errors import UserError
    from core.settings import apply_no_telemetry, load

    apply_no_telemetry()
    from training.ad_detection.composed import learned_stations, unheard_stations
    from training.ad_detection.config import MODELS, DetectorConfig
    from training.ad_detection.corpus import read_corpus
    from training.ad_detection.run import train as train_detector

    if model not in MODELS:
        raise UserError(f"model: '{model}' is unknown; use {' or '.join(MODELS)}")
    settings, at = load(), clock.parse_instant(as_of, "as-of") if as_of else clock.now()
    sound = read_corpus(corpus) if corpus else learned_stations(settings, hours)
    unheard = read_corpus(test) if test else unheard_stations(settings)
    report = asdict(train_detector(settings, at, sound, unheard, DetectorConfig(model=model, epochs=epochs)))
    typer.echo(json.dumps(report) if as_json else _train_line(report))


@ad_detection.command("evaluate")
def evaluate(
    corpus: Annotated[Path, typer.Option(help="Audio files beside segments.csv, none of them heard in training.")],
    as_json: AsJson = False,
) -> None:
    """Score the served detector on a labelled corpus: frames of 0.1 s, F1, confusion, borders, speed."""
    from core.algorithms.audio.detector_bundle import served
    from core.contracts.ad_detection import served_detector
    from core.settings import load
    from training.ad_detection.corpus import read_corpus
    from training.ad_detection.evaluate import evaluate as score

    labelled = read_corpus(corpus)
    report = score(served(served_detector(load().paths)), labelled)
    typer.echo(json.dumps(report) if as_json else _figure_lines(report))


def _train_line(report: dict[str, Any]) -> str:
    state = "is served" if report["is_served"] else "is NOT served: its gate says no"
    return f"version {report['version']} {state}; {report['test_accuracy']:.3f} right on stations never heard"


def _figure_lines(report: dict[str, Any]) -> str:
    rows = {"the detector": report, **report["parts"]}
    return (
        "\n".join(
            f"{name:<26} frames {row['frame_accuracy']:.4f}  F1 {row['f1']}  border {row['boundary_error_s']} s"
            for name, row in rows.items()
        )
        + f"\n{report['hours']} hours, {report['realtime_factor']} times real time"
    )
