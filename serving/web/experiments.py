"""The experiments page: what runs, what is planned, what is over, and the newest read-out of each (NV-M2)."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from core import clock
from core.algorithms.experiments import Experiment, read_experiments
from core.settings import Settings
from serving.web import render
from serving.web.experiment_chart import Course, chart
from serving.web.texts import Language, text

_STATES = ("running", "planned", "over")
_NEEDED = ("verdict_de", "verdict_en", "arms", "contrasts", "checks", "guardrails", "looks")


def router(settings: Settings, now: Callable[[], datetime] = clock.now) -> APIRouter:
    """The page; what is written comes from monitoring, what runs from the experiments' files of the moment."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/experiments", response_class=HTMLResponse)
    def experiments(request: Request) -> HTMLResponse:
        language = render.language_of(request)
        known, refused = _known(request, settings)
        entries = [_entry(settings, each, now(), language) for each in known]
        entries.sort(key=lambda entry: (_STATES.index(entry["state"]), -entry["experiment"].start.timestamp()))
        return render.page(
            request,
            "experiments.html",
            experiments=entries,
            refused=refused,
            hours=lambda seconds: _hours(seconds, language),
            percent=lambda share, digits=1: _percent(share, language, digits),
            share_of=lambda share: _share(share, language),
            day=lambda at: _day(at, language),
            span=_span,
            whole_number=lambda value: "–" if value is None else render.number(value, language, 0),
            plain=lambda value, digits=2: "–" if value is None else render.number(value, language, digits),
        )

    return routes


def _known(request: Request, settings: Settings) -> tuple[tuple[Experiment, ...], tuple[str, ...]]:
    """What serving works by, and what is wrong with files that it refused."""
    folder = settings.config / "experiments"
    source = getattr(request.app.state, "experiments", None)
    known, wrong = read_experiments(folder) if source is None else (source.experiments, source.errors)
    return known, tuple(words.replace(f"{folder}/", "").replace(f" (in {folder})", "") for words in wrong)


def _entry(settings: Settings, experiment: Experiment, at: datetime, language: Language) -> dict[str, Any]:
    state = "planned" if at < experiment.start else "running" if experiment.is_running(at) else "over"
    readout = _readout(settings.paths.reports / "experiments" / experiment.name, experiment, language)
    charts = [] if readout is None else [_chart(readout, contrast, language) for contrast in readout["contrasts"]]
    earlier = _earlier(settings.paths.reports / "experiments" / experiment.name, experiment, language)
    return {"experiment": experiment, "state": state, "readout": readout, "charts": charts, "earlier": earlier}


def _readout(folder: Path, experiment: Experiment, language: Language) -> dict[str, Any] | None:
    """The newest read-out of this version, or None."""
    try:
        readout: dict[str, Any] = json.loads((folder / "readout.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if any(name not in readout for name in _NEEDED) or readout.get("version") != experiment.version:
        return None
    return readout | {"words": readout[f"verdict_{language}"], "notes": readout[f"notes_{language}"]}


def _earlier(folder: Path, experiment: Experiment, language: Language) -> list[dict[str, Any]]:
    """What earlier versions of the experiment came to, newest first."""
    found = []
    for version in range(experiment.version - 1, 0, -1):
        try:
            known = json.loads((folder / f"v{version}.json").read_text(encoding="utf-8"))
            found.append({"version": version, "words": known[f"verdict_{language}"], "as_of": known["as_of"]})
        except (OSError, ValueError, KeyError):
            continue
    return found


def _chart(readout: dict[str, Any], contrast: dict[str, Any], language: Language) -> str:
    times = [datetime.fromisoformat(look) for look in readout["looks"]]
    band = contrast["band"]
    course = Course(times, band["change"], band["low"], band["high"], band["bound_low"], band["bound_high"])
    decided = contrast["decided_at"]
    title = text("chart_title", language, arm=contrast["arm"], control=contrast["control"])
    return chart(course, language, title, datetime.fromisoformat(decided) if decided else None)


def _hours(seconds: float | None, language: Language) -> str:
    """Long times in hours, short ones in minutes."""
    if seconds is None:
        return "–"
    value, unit = (seconds / 60, "min") if abs(seconds) < 3600 else (seconds / 3600, "h")
    return f"{render.number(value, language, 1)} {unit}".replace("-", "\u2212")


def _percent(share: float | None, language: Language, digits: int = 1) -> str:
    if share is None:
        return "–"
    sign = "+" if share > 0 else "\u2212" if share < 0 else "±"
    return f"{sign}{render.number(abs(100 * share), language, digits)} %"


def _span(low: float | None, high: float | None, written: Callable[[float], str]) -> str:
    """A range, or a dash where there is none."""
    return "–" if low is None or high is None else f"{written(low)} – {written(high)}"


def _share(share: float, language: Language) -> str:
    return f"{render.number(100 * share, language, 0)} %"


def _day(at: datetime | str, language: Language) -> str:
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return instant.strftime("%d.%m.%Y" if language == "de" else "%d %b %Y")
