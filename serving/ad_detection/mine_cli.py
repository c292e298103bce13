"""``mediathek ad-detection mine``."""

import json
from pathlib import Path
from typing import Annotated

import typer


def mine(
    files: Annotated[list[Path], typer.Argument(help="Recordings that follow each other, or folders of them.")],
    station: Annotated[str, typer.Option(help="Its name: a-z, 0-9 and -.")],
    at: Annotated[str, typer.Option(help="When the first second was on air, RFC 3339.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the candidates.")] = False,
) -> None:
    """Find what a station played twice: candidates for new spots, put before a person at /detections."""
    from dataclasses import asdict

    from core import clock
    from core.algorithms.audio.detector_bundle import served
    from core.contracts.ad_detection import check_station, served_detector
    from core.settings import load
    from serving.ad_detection.mine import files_of, propose
    from serving.ad_detection.mine import mine as mine_files

    paths, name, began_at = load().paths, check_station(station), clock.parse_instant(at, "at")
    found = mine_files(files_of(files), served(served_detector(paths)).hotlist)
    proposed = propose(paths, name, began_at, found, clock.now())
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found]))
        return
    for each in found:
        typer.echo(f"{each.length_s:6.1f} s, {len(each.starts_s)} times, first at {each.starts_s[0]:.1f} s  "
                   f"{each.spot_id or 'new'}")  # fmt: skip
    typer.echo(f"{len(found)} repetitions, {proposed} of them in no hotlist: the undecided ones are at /detections")
