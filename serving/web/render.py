"""Rendering: one Jinja environment, the language of a request, the frame around every page."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from serving.web.texts import LANGUAGES, Language, text

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGE_COOKIE = "language"
_PAGES = (
    ("/", "start"),
    ("/next-video", "try_out"),
    ("/households", "households"),
    ("/ads", "ads"),
    ("/detections", "detections"),
    ("/cards", "cards"),
    ("/reports", "reports"),
    ("/experiments", "experiments"),
    ("/series", "series"),
    ("/preview", "preview"),
    ("/quarantine", "quarantine"),
)
_YEAR_SECONDS = 365 * 24 * 3600


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def language_of(request: Request) -> Language:
    """The language asked for: the address, else the cookie, else the browser's first known one, else German."""
    browser = [
        part.split(";")[0].split("-")[0].strip() for part in request.headers.get("accept-language", "").split(",")
    ]
    wanted = (request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE), *browser)
    known = [language for language in wanted if language in LANGUAGES]
    return cast("Language", known[0]) if known else "de"


def page(request: Request, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
    """Render a page in the request's language; a language asked for in the address is remembered."""
    language = language_of(request)

    def t(key: str, **named: str) -> str:
        return text(key, language, **named)

    here = "/" + request.url.path.strip("/").split("/")[0]
    navigation = [(path, t(key)) for path, key in _PAGES]
    body = (
        _environment()
        .get_template(template)
        .render(
            t=t,
            language=language,
            here=here,
            in_other_language=_in_other_language(request, language),
            navigation=navigation,
            number=lambda value: number(value, language),
            **values,
        )
    )
    response = HTMLResponse(body, status_code=status_code)
    if request.query_params.get("language") == language:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_SECONDS, samesite="lax")
    return response


def _in_other_language(request: Request, language: Language) -> str:
    """Address of this very page in the other language."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "language"]
    return "?" + urlencode([*asked, ("language", "en" if language == "de" else "de")])


def number(value: float, language: Language, digits: int = 0) -> str:
    """Write a number as the language does: 1.234,5 or 1,234.5."""
    written = f"{value:,.{digits}f}"
    return written.translate(str.maketrans(",.", ".,")) if language == "de" else written


def instant(at: datetime | None, language: Language) -> str:
    """Write an instant (naive UTC or aware) for people, in UTC."""
    if at is None:
        return text("not_yet", language)
    utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return utc.strftime("%d.%m.%Y %H:%M UTC" if language == "de" else "%d %b %Y %H:%M UTC")
