"""``mediathek ad-detection detect``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def detect(
    files: Annotated[list[str], typer.Argument(help="Audio or video files; with --live one stream's address, or -.")],
    live: Annotated[bool, typer.Option("--live", help="One verdict a second, as the sound comes.")] = False,
    look_ahead: Annotated[float, typer.Option(help="Live: seconds of the player's buffer, 4 to 30.")] = 4.0,
    as_json: Annotated[bool, typer.Option("--json", help="A list, one object a file; live: a line a second.")] = False,
) -> None:
    """Tell ad, talk and music apart, and name the spots that the hotlist knows."""
    from threadpoolctl import threadpool_limits

    from core.algorithms.audio.detector_bundle import served
    from core.contracts.ad_detection import served_detector
    from core.errors import UserError
    from core.settings import load
    from serving.ad_detection.detect import detect as detect_files

    threadpool_limits(1)  # the products are small: more threads only wait for each other
    bundle = served(served_detector(load().paths))
    if live:
        if len(files) != 1:
            raise UserError("files: --live follows one stream; give one")
        _follow(bundle, files[0], look_ahead, as_json)
        return
    answers = list(detect_files(bundle, [Path(file) for file in files]))
    for answer in answers:
        if "warning" in answer:
            typer.echo(f"mediathek: {answer['file']}: {answer['warning']}", err=True)
    typer.echo(json.dumps(answers) if as_json else "\n".join(map(_lines, answers)))


def _follow(bundle: Any, source: str, look_ahead: float, as_json: bool) -> None:
    import sys
    from dataclasses import asdict

    from serving.ad_detection.live import follow

    for verdict in follow(bundle, source, look_ahead):
        spot = f"  {verdict.spot_id}" if verdict.spot_id else ""
        line = f"{_clock(verdict.at_s)}  {verdict.label:<5} {verdict.confidence:.2f}{spot}"
        sys.stdout.write((json.dumps(asdict(verdict)) if as_json else line) + "\n")
        sys.stdout.flush()


def _lines(answer: dict[str, Any]) -> str:
    rows = [
        f"  {_clock(each['start_s'])} - {_clock(each['end_s'])}  {each['label']:<5} {each['confidence']:.2f}"
        + (f"  {each['spot_id']}" if each["spot_id"] else "")
        for each in answer["segments"]
    ]
    return "\n".join([f"{answer['file']}: {answer['realtime_factor']:.0f} times real time", *rows])


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds // 60 % 60):02d}:{seconds % 60:05.2f}"
