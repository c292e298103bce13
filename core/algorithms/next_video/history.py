"""NV-U1..NV-U4: which part of the history counts, the first that is not empty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.algorithms.next_video.catalogue import Catalogue
from core.algorithms.next_video.request import Click, History, View


@dataclass(frozen=True)
class UsedHistory:
    """The part that counts."""

    source: str | None
    """NV-U1..NV-U4, or None: nothing usable was sent."""
    content_ids: Sequence[str]
    """Oldest first."""


def used_history(
    catalogue: Catalogue, history: History, now: datetime, view_min_seconds: float, max_history: int
) -> UsedHistory:
    """Choose the part of the history that counts, the newest ``max_history`` entries of it.

    What the catalogue does not know is ignored before it is decided whether a part is empty.
    """
    views = [view for view in history.views if view.content_id in catalogue.row_of]
    parts: tuple[tuple[str, Callable[[], Sequence[str]]], ...] = (
        ("NV-U1", lambda: _by_time([view for view in views if view.watched_seconds > view_min_seconds])),
        ("NV-U2", lambda: _by_time(views)),
        ("NV-U3", lambda: _by_time([click for click in history.clicks if click.content_id in catalogue.row_of])),
        ("NV-U4", lambda: _newest_episodes(catalogue, history.bookmarks, now)),
    )
    for source, part in parts:
        if content_ids := part():
            return UsedHistory(source, content_ids[-max_history:])
    return UsedHistory(None, ())


def _by_time(entries: Sequence[View | Click]) -> Sequence[str]:
    return [entry.content_id for entry in sorted(entries, key=lambda entry: entry.at)]


def _newest_episodes(catalogue: Catalogue, bookmarks: Sequence[str], now: datetime) -> Sequence[str]:
    found = (catalogue.newest_episode(series_id, now) for series_id in bookmarks)
    rows = {row for row in found if row is not None}
    return [catalogue.ids[row] for row in sorted(rows, key=lambda row: (catalogue.published_us[row], row))]
