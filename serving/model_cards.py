"""Model cards as monitoring wrote them: ``<cards>/<use_case>/<YYYY-MM-DD.n>/card.<language>.json`` (MC-1)."""

import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException

from core.paths import Paths
from serving.reports import read_json

_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d+)")
LANGUAGES = ("de", "en")


def router(paths: Paths) -> APIRouter:
    """Read-only routes over files; plain functions, so that the framework runs them beside the event loop."""
    routes = APIRouter()

    @routes.get("/model-cards", tags=["model-cards"])
    def cards() -> list[dict[str, Any]]:
        """The newest card of every use case."""
        found = [(folder.name, _versions(folder)) for folder in sorted(paths.cards.glob("*"))]
        return [
            {"use_case": use_case, "version": versions[0], "versions": len(versions), "languages": list(LANGUAGES)}
            for use_case, versions in found
            if versions
        ]

    @routes.get("/model-cards/{use_case}", tags=["model-cards"])
    def card(use_case: str, language: str = "de", version: str | None = None) -> Any:
        """One card, the newest unless a version is named."""
        if language not in LANGUAGES:
            raise HTTPException(422, "language: de or en")
        versions = _versions_of(paths, use_case)
        if version is not None and version not in versions:
            raise HTTPException(404, f"version: there is no version '{version}' of this card")
        chosen = version or versions[0]
        content = read_json(paths.cards / use_case / chosen / f"card.{language}.json")
        return {**content, "use_case": use_case, "version": chosen, "language": language}

    @routes.get("/model-cards/{use_case}/history", tags=["model-cards"])
    def history(use_case: str) -> list[dict[str, str]]:
        """All versions, newest first."""
        return [{"use_case": use_case, "version": each, "date": each[:10]} for each in _versions_of(paths, use_case)]

    return routes


def _versions_of(paths: Paths, use_case: str) -> list[str]:
    known = {folder.name: folder for folder in paths.cards.glob("*")}  # never a path made from what was sent
    versions = _versions(known[use_case]) if use_case in known else []
    if not versions:
        raise HTTPException(404, f"use_case: there is no card for '{use_case}'")
    return versions


def _versions(folder: Path) -> list[str]:
    """``YYYY-MM-DD.n``, newest first."""
    found = [match for child in folder.glob("*") if (match := _VERSION.fullmatch(child.name))]
    return [match[0] for match in sorted(found, key=lambda match: (match[1], int(match[2])), reverse=True)]
