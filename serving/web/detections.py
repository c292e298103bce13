"""Ad detection for people: stations and recordings, listening, correcting, deciding reports; a player (AD-6, AD-8)."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from core import clock
from core.contracts.ad_detection import served_detector
from core.settings import Settings
from serving.ad_detection.moderation import DecisionBody, Moderation
from serving.auth import is_token
from serving.web import detection_data, render
from serving.web.detection_data import LabelsBody
from serving.web.loopback import is_local
from serving.web.session import is_signed_in, signed_in
from serving.web.texts import texts

_SOUND = {".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac"}
_PREFIX = "det_"


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    _add_pages(routes, settings)
    _add_data(routes, settings)
    return routes


def _add_pages(routes: APIRouter, settings: Settings) -> None:
    @routes.get("/detections", response_class=HTMLResponse)
    def detections(request: Request) -> HTMLResponse:
        return _overview(request, settings)

    @routes.post("/detections/sign-in", response_class=HTMLResponse)
    def sign_in(request: Request, token: Annotated[str, Form()] = "") -> Response:
        if is_token(token.strip(), request.app.state.token):
            return signed_in("/detections", token.strip())
        return _overview(request, settings, is_wrong_token=True)

    @routes.get("/detections/recording", response_class=HTMLResponse)
    def recording(request: Request, name: str = "") -> HTMLResponse:
        kept = detection_data.found(settings.paths, name)
        return _page(request, "detection_recording.html", kept=kept)

    @routes.get("/detections/player", response_class=HTMLResponse)
    def player(request: Request) -> HTMLResponse:
        return _page(request, "detection_player.html", recordings=detection_data.listed(settings.paths))


def _add_data(routes: APIRouter, settings: Settings) -> None:
    paths = settings.paths

    @routes.get("/detections/data/{station}/{file}")
    def data(request: Request, station: str, file: str) -> dict[str, Any]:
        kept = detection_data.found(paths, f"{station}/{file}")
        return detection_data.detail(request, paths, kept, may_write=is_signed_in(request, request.app.state.token))

    @routes.get("/detections/kept")
    def kept() -> list[dict[str, Any]]:
        rows = detection_data.listed(paths)
        return [{name: row[name] for name in ("name", "station", "started_text", "duration_s")} for row in rows]

    @routes.get("/detections/sound/{station}/{file}")
    def sound(request: Request, station: str, file: str) -> FileResponse:
        if not is_local(request):
            raise HTTPException(403, "sound is played on the machine that keeps it only (AD-10)")
        kept = detection_data.found(paths, f"{station}/{file}")
        media_type = _SOUND.get(kept.path.suffix, "application/octet-stream")
        return FileResponse(kept.path, media_type=media_type, headers={"Cache-Control": "no-store"})

    @routes.post("/detections/labels/{station}/{file}")
    def save(request: Request, station: str, file: str, body: LabelsBody) -> dict[str, Any]:
        _signed_in_only(request)
        return detection_data.save(paths, detection_data.found(paths, f"{station}/{file}"), body, clock.now())

    @routes.post("/detections/decision/{report_id}")
    def decide(request: Request, report_id: str, body: DecisionBody) -> dict[str, Any]:
        _signed_in_only(request)
        moderation: Moderation = request.app.state.moderation
        return moderation.decide(report_id, body, "editor", clock.now())


def _signed_in_only(request: Request) -> None:
    if not is_signed_in(request, request.app.state.token):
        raise HTTPException(401, "sign in at /detections")


def _overview(request: Request, settings: Settings, *, is_wrong_token: bool = False) -> HTMLResponse:
    may_write = is_signed_in(request, request.app.state.token)
    total, reports = request.app.state.detection_reports.listed("open", None, 50) if may_write else (0, [])
    return _page(
        request,
        "detections.html",
        status_code=403 if is_wrong_token else 200,
        is_wrong_token=is_wrong_token,
        recordings=detection_data.listed(settings.paths),
        reports=reports,
        report_total=total,
        learned=_learned(settings),
    )


def _learned(settings: Settings) -> dict[str, Any]:
    """What the served version made of the corrections, as its training wrote it; empty where it learned from none."""
    try:
        manifest = json.loads((served_detector(settings.paths) / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    said = manifest.get("corrections") if isinstance(manifest, dict) else None
    return said if isinstance(said, dict) else {}


def _page(request: Request, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
    language = render.language_of(request)
    script_texts = {
        name.removeprefix(_PREFIX): each[language] for name, each in texts().items() if name.startswith(_PREFIX)
    }
    return render.page(
        request,
        template,
        status_code=status_code,
        may_write=is_signed_in(request, request.app.state.token),
        may_listen=is_local(request),
        script_texts=script_texts | {"language": language},
        instant=lambda at: render.instant(at, language),
        **values,
    )
