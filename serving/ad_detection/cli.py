"""``mediathek ad-detection detect``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def detect(
    files: Annotated[list[Path], typer.Argument(help="Audio or video files of any format.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a list, one object a file.")] = False,
) -> None:
    """Tell ad, talk and music in recordings apart, and name the spots that the hotlist knows."""
    from core.algorithms.audio.detector_bundle import served
    from core.contracts.ad_detection import served_detector
    from core.settings import load
    from serving.ad_detection.detect import detect as detect_files

    bundle = served(served_detector(load().paths))
    answers = list(detect_files(bundle, files))
    for answer in answers:
        if "warning" in answer:
            typer.echo(f"mediathek: {answer['file']}: {answer['warning']}", err=True)
    typer.echo(json.dumps(answers) if as_json else "\n".join(map(_lines, answers)))


def _lines(answer: dict[str, Any]) -> str:
    rows = [
        f"  {_clock(each['start_s'])} - {_clock(each['end_s'])}  {each['label']:<5} {each['confidence']:.2f}"
        + (f"  {each['spot_id']}" if each["spot_id"] else "")
        for each in answer["segments"]
    ]
    return "\n".join([f"{answer['file']}: {answer['realtime_factor']:.0f} times real time", *rows])


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds // 60 % 60):02d}:{seconds % 60:05.2f}"
