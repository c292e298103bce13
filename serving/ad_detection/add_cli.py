"""``mediathek ad-detection add``."""

import json
from pathlib import Path
from typing import Annotated

import typer


def add(
    file: Annotated[Path, typer.Argument(help="Audio or video file.")],
    station: Annotated[str, typer.Option(help="Its name: a-z, 0-9 and -.")],
    at: Annotated[str, typer.Option(help="When its first second was on air, RFC 3339.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was heard.")] = False,
) -> None:
    """Keep a recording on this machine and hear it, for the page /detections: listen, correct, skip ads."""
    from threadpoolctl import threadpool_limits

    from core import clock
    from core.algorithms.audio.detector_bundle import served
    from core.contracts.ad_detection import served_detector
    from core.settings import load
    from serving.ad_detection.add import add_recording

    paths, began_at = load().paths, clock.parse_instant(at, "at")
    threadpool_limits(1)
    kept = add_recording(served(served_detector(paths)), paths, file, station, began_at)
    heard = kept.heard()
    if "warning" in heard:
        typer.echo(f"mediathek: {file}: {heard['warning']}", err=True)
    ads = sum(each["end_s"] - each["start_s"] for each in heard["segments"] if each["label"] == "ad")
    line = f"{kept.name}: {heard['duration_s'] / 60:.1f} minutes, {ads:.0f} s of ads; see it at /detections"
    typer.echo(json.dumps({"recording": kept.name, **heard}) if as_json else line)
