"""One entry of the simulated catalogue, with what the viewers know of it and the catalogue does not say."""

from dataclasses import dataclass, field
from typing import Any

from ingestion.simulate.scenario import rfc3339
from ingestion.simulate.themes import Theme


@dataclass
class Content:
    """A video or page. Times are in milliseconds since the epoch; None is open."""

    content_id: str
    kind: str
    title: str
    path: str
    theme: Theme
    motif: int
    duration_s: int
    published_ms: int
    available_from_ms: int | None
    available_until_ms: int | None
    quality: float
    genre: str
    collection: str | None = None
    series_id: str | None = None
    season: int | None = None
    episode: int | None = None
    is_playable: bool = True
    updated_ms: int = 0
    successor: int | None = None
    """Index of the true next episode, whatever the metadata say."""
    partners: tuple[tuple[int, ...], ...] = field(default=())
    """For each mood, the indices of the videos that viewers go on to most often."""

    def is_available(self, at_ms: int) -> bool:
        """Say whether it can be played at a time."""
        return (
            self.is_playable
            and self.published_ms <= at_ms
            and (self.available_from_ms is None or self.available_from_ms <= at_ms)
            and (self.available_until_ms is None or at_ms < self.available_until_ms)
        )

    def as_line(self, updated_ms: int | None = None, **changes: Any) -> dict[str, Any]:
        """Return the catalogue line of the contract."""
        line: dict[str, Any] = {
            "content_id": self.content_id, "kind": self.kind, "title": self.title, "path": self.path,
            "genre": self.genre, "audience": "kids" if self.theme.is_kids else "general", "collection": self.collection,
            "series_id": self.series_id, "season": self.season, "episode": self.episode,
            "duration_s": self.duration_s if self.kind == "video" else None,
            "published_at": rfc3339(self.published_ms), "available_from": _optional(self.available_from_ms),
            "available_until": _optional(self.available_until_ms), "playable": self.is_playable,
            "categories": list(self.theme.categories), "updated_at": rfc3339(updated_ms or self.updated_ms),
        }  # fmt: skip
        return line | changes


def _optional(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)
