"""The try-out page, and the titles that it searches and shows."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from core.algorithms.next_video.rules import load_rules
from core.settings import Settings
from serving.web import render
from serving.web.texts import LANGUAGES, Language, text
from serving.web.videos import Videos

_SCRIPT_TEXTS = (
    "nothing_chosen",
    "remove",
    "failed",
    "arm",
    "score",
    "watch_on",
    "examples",
    "none_dropped",
    "no_model",
    "decisions",
)


class Describe(BaseModel):
    content_ids: list[str] = Field(max_length=500)
    language: Language = "de"


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    videos = Videos(settings.paths.catalogue)
    rules = load_rules(settings.config / "next_video" / "rules.yaml")
    thresholds = settings.next_video.model_dump()
    rule_texts = {
        language: {rule.number: f"{rule.title}. {rule.text}" for rule in rules.describe(language, thresholds)}
        for language in LANGUAGES
    }

    @routes.get("/next-video", response_class=HTMLResponse)
    def try_out(request: Request) -> HTMLResponse:
        language = render.language_of(request)
        script_texts = {key: text(key, language) for key in _SCRIPT_TEXTS} | {
            "language": language,
            "cases": {case: text(f"case_{case}", language) for case in ("next-episode", "regular", "hidden")},
            "sources": {
                source: text(f"source_{source}", language) for source in ("sequence", "similarity", "next-episode")
            },
            "rules": rule_texts[language],
        }
        return render.page(request, "try_out.html", script_texts=script_texts)

    @routes.get("/catalogue/search")
    def search(
        query: Annotated[str, Query(max_length=200)] = "", kind: str = "video", language: Language = "de"
    ) -> list[dict[str, str]]:
        found = videos.any() if kind == "random" else videos.search(query)
        return [video.as_json(language) for video in found]

    @routes.post("/catalogue/describe")
    def describe(wanted: Describe) -> dict[str, dict[str, str]]:
        found = videos.describe(wanted.content_ids)
        return {content_id: video.as_json(wanted.language) for content_id, video in found.items()}

    return routes
