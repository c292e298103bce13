"""``/api/v1/series``: what is doubtful in the numbers of series, and what editors say instead (NV-K1)."""

import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from pydantic import BaseModel, Field

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.numbering.corrections import line_of
from core.algorithms.next_video.numbering.entry import Entry
from core.algorithms.next_video.numbering.findings import Code
from core.storage import fsync_directory
from serving.auth import require_token
from serving.catalogue_source import CatalogueSource
from serving.next_video.work_list import as_csv, work_list

Language = Literal["de", "en"]


class CorrectionBody(BaseModel):
    """What an editor says of one video; without an episode an earlier correction is taken back."""

    content_id: str = Field(min_length=1, max_length=500)
    season: int | None = Field(default=None, ge=0, le=9999)
    episode: int | None = Field(default=None, ge=0, le=99999)
    note: str = Field(default="", max_length=500)


def router(source: CatalogueSource, corrections: Path, now: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(tags=["series"])

    @routes.get("/series/findings")
    def findings(
        language: Language = "en",
        code: Code | None = None,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> dict[str, Any]:
        """The work list, the surest fixes first."""
        items = work_list(catalogue_of(source), language, code)
        return {"total": len(items), "findings": [asdict(item) for item in items[offset : offset + limit]]}

    @routes.get("/series/findings.csv")
    def findings_as_csv(language: Language = "en", code: Code | None = None) -> Response:
        """The whole work list for a spreadsheet."""
        text = as_csv(work_list(catalogue_of(source), language, code))
        headers = {"Content-Disposition": "attachment; filename=series_findings.csv"}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    @routes.post("/series/corrections", dependencies=[Depends(require_token)], status_code=201)
    def correct(body: CorrectionBody) -> dict[str, Any]:
        """Set the number of a video; it is used within seconds and lapses when the source changes."""
        add_correction(source, corrections, body, now())
        return body.model_dump()

    return routes


def add_correction(source: CatalogueSource, file: Path, body: CorrectionBody, at: datetime) -> None:
    """Append a correction durably.

    Raises:
        HTTPException: 404 for a video that is unknown or belongs to no series.
    """
    entry = _serial_video(catalogue_of(source), body.content_id)
    number = None if body.episode is None else (body.season, body.episode)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:  # one short line: written at once, whoever else appends
        out.write(line_of(entry, number, at, body.note))
        out.flush()
        os.fsync(out.fileno())
    fsync_directory(file.parent)


def catalogue_of(source: CatalogueSource) -> Catalogue:
    """The catalogue now served.

    Raises:
        HTTPException: 503 while there is none.
    """
    if source.catalogue is None:
        raise HTTPException(503, "no catalogue yet; run `mediathek pipeline` or `mediathek ingest`")
    return source.catalogue


def _serial_video(catalogue: Catalogue, content_id: str) -> Entry:
    row = catalogue.row_of.get(content_id)
    series_id = catalogue.table["series_id"][row].as_py() if row is not None else None
    for entry in catalogue.numbers.entries.get(series_id or "", ()):
        if entry.row == row:
            return entry
    raise HTTPException(404, f"content_id: {content_id} is no video of a series")
