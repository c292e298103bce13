"""The experiments page: what is tested, by whom, and the newest read-out (NV-M2)."""

import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from core.algorithms.experiments import load_experiments
from core.settings import Settings
from serving.web import render


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/experiments", response_class=HTMLResponse)
    def experiments(request: Request) -> HTMLResponse:
        language = render.language_of(request)
        found = [
            {
                "experiment": experiment,
                "readout": _readout(settings.paths.reports / "experiments" / experiment.name, language),
            }
            for experiment in load_experiments(settings.config / "experiments")
        ]

        def hours(seconds: float | None) -> str:
            return "–" if seconds is None else render.number(seconds / 3600, language, 1) + " h"

        day = "%d.%m.%Y" if language == "de" else "%d %b %Y"
        return render.page(request, "experiments.html", experiments=found, hours=hours, day=lambda at: at.strftime(day))

    return routes


def _readout(folder: Path, language: str) -> dict[str, Any] | None:
    try:
        readout: dict[str, Any] = json.loads((folder / "readout.json").read_text())
    except (OSError, ValueError):
        return None
    return readout | {"words": readout.get(f"verdict_{language}") or readout.get(f"text_{language}") or ""}
