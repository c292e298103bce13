"""Titles for the pages: search and describe videos, from the catalogue that ingestion wrote last."""

import random
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.storage import connect
from serving.web.texts import Language

_GENRES = {
    "documentary": "Dokumentation",
    "report": "Reportage",
    "news": "Nachrichten",
    "fiction": "Film und Serie",
    "show": "Show",
    "sport": "Sport",
    "kids": "Kinder",
    "magazine": "Magazin",
}


@dataclass(frozen=True)
class Video:
    content_id: str
    title: str
    genre: str
    series_id: str | None
    season: int | None
    episode: int | None
    duration_s: float | None
    is_kids: bool

    def about(self, language: Language) -> str:
        """One line: genre, place in the series, length."""
        genre = _GENRES.get(self.genre, self.genre) if language == "de" else self.genre
        season = f"S{self.season:02d}" if self.season is not None else ""
        place = f"{season}E{self.episode:02d}" if self.episode is not None else season
        length = f"{max(1, round(self.duration_s / 60))} min" if self.duration_s else ""
        kids = ("Kinder" if language == "de" else "kids") if self.is_kids and self.genre != "kids" else ""
        return " · ".join(part for part in (genre, place, length, kids) if part)

    def as_json(self, language: Language) -> dict[str, str]:
        return {"content_id": self.content_id, "title": self.title, "about": self.about(language)}


class Videos:
    """All videos of the catalogue; read again when ingestion has written a newer one."""

    def __init__(self, catalogue: Path) -> None:
        self._file = catalogue
        self._seen_ns = -1
        self._by_id: dict[str, Video] = {}
        self._lower: list[tuple[str, Video]] = []
        self._lock = threading.Lock()

    def search(self, query: str, limit: int = 12) -> list[Video]:
        """Videos whose title has every word of the query, titles that begin with it first."""
        words = query.lower().split()
        hits = [(title, video) for title, video in self._titles() if all(word in title for word in words)]
        hits.sort(key=lambda hit: (not hit[0].startswith(query.lower()), len(hit[0])))
        return [video for _, video in hits[:limit]]

    def any(self) -> list[Video]:
        titles = self._titles()
        return [random.choice(titles)[1]] if titles else []

    def describe(self, content_ids: list[str]) -> dict[str, Video]:
        self._titles()
        return {content_id: self._by_id[content_id] for content_id in content_ids if content_id in self._by_id}

    def _titles(self) -> list[tuple[str, Video]]:
        try:
            modified_ns = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return self._lower
        with self._lock:
            if modified_ns != self._seen_ns:
                videos = [_video(row) for row in _read(self._file)]
                self._by_id = {video.content_id: video for video in videos}
                self._lower = [(video.title.lower(), video) for video in videos]
                self._seen_ns = modified_ns
        return self._lower


def _read(file: Path) -> list[tuple[Any, ...]]:
    with connect() as connection:
        rows: list[tuple[Any, ...]] = connection.execute(
            "select content_id, title, genre, series_id, season, episode, duration_s, audience = 'kids'"
            " from read_parquet(?) where kind = 'video' order by content_id",
            [str(file)],
        ).fetchall()
    return rows


def _video(row: tuple[Any, ...]) -> Video:
    return Video(*row)
