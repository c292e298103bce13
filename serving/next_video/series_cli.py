"""``mediathek next-video series``: the work list of series metadata on the command line (NV-K1)."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from core.errors import UserError


def series(
    language: Annotated[str, typer.Option(help="de or en.")] = "en",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the work list as CSV on standard output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the work list as JSON on standard output.")] = False,
) -> None:
    """List what is doubtful in the season and episode numbers of the catalogue, with a suggested fix."""
    if language not in ("de", "en"):
        raise UserError(f"language: '{language}' is unknown; use de or en")
    import pyarrow.parquet as pq

    from core.algorithms.next_video.catalogue import Catalogue
    from core.algorithms.next_video.numbering.corrections import read_corrections
    from core.algorithms.next_video.numbering.findings import written
    from core.algorithms.next_video.rules import load_rules
    from core.logs import progress
    from core.settings import load
    from serving.next_video import work_list

    settings = load()
    if not settings.paths.catalogue.exists():
        raise UserError(f"catalogue: {settings.paths.catalogue} is missing; run `mediathek ingest --source DIR` first")
    rules = load_rules(settings.config / "next_video" / "rules.yaml")
    corrections = read_corrections(settings.paths.series_corrections)
    catalogue = Catalogue.from_table(pq.read_table(settings.paths.catalogue), rules, corrections)
    items = work_list.work_list(catalogue, language)
    if as_json:
        sys.stdout.write(json.dumps([asdict(item) for item in items], ensure_ascii=False) + "\n")
    elif as_csv:
        sys.stdout.write(work_list.as_csv(items))
    else:
        for item in items:
            number = written((item.suggested_season, item.suggested_episode))
            sys.stdout.write(f"{item.series_id}\t{item.content_id or '–'}\t{number}\t{item.text}\n")
    progress(f"{len(items)} findings in {len(catalogue.numbers.entries)} series")
