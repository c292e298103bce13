"""What monitoring wrote, read as files: the newest report of a kind, experiments and their read-outs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, HTTPException

from core.algorithms.experiments import Experiment
from core.paths import Paths

_REPORTS = ("bias", "drift")


def router(paths: Paths, experiments: Callable[[], Sequence[Experiment]]) -> APIRouter:
    """Read-only routes over files; plain functions, so that the framework runs them beside the event loop."""
    routes = APIRouter()

    @routes.get("/monitoring/{kind}", tags=["monitoring"])
    def report(kind: str) -> Any:
        """The newest report of bias or drift."""
        if kind not in _REPORTS:
            raise HTTPException(404, f"kind: there are {' and '.join(_REPORTS)}, not '{kind}'")
        runs = sorted(paths.reports.joinpath(kind).glob("*/report.json"), key=lambda file: file.parent.name)
        if not runs:
            raise HTTPException(404, f"there is no {kind} report yet; run `mediathek pipeline`")
        return read_json(runs[-1])

    @routes.get("/experiments", tags=["experiments"])
    def all_experiments() -> list[dict[str, Any]]:
        """Every experiment as its file describes it."""
        return [experiment.model_dump(mode="json", by_alias=True) for experiment in experiments()]

    @routes.get("/experiments/{name}/readout", tags=["experiments"])
    def readout(name: str) -> Any:
        """The newest read-out of one experiment."""
        if name not in [experiment.name for experiment in experiments()]:
            raise HTTPException(404, f"name: no experiment is called '{name}'")
        file = paths.reports / "experiments" / name / "readout.json"
        if not file.is_file():
            raise HTTPException(404, f"there is no read-out of '{name}' yet; run `mediathek pipeline`")
        return read_json(file)

    return routes


def read_json(file: Path) -> Any:
    """Read a file that monitoring writes whole.

    Raises:
        HTTPException: 404, it is not there or damaged.
    """
    try:
        return orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        raise HTTPException(404, f"{file.name} is not there or not whole; run `mediathek pipeline` again") from None
