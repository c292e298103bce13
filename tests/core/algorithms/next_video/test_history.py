"""NV-U1..NV-U4: the first part that is not empty, unknown ids ignored before that is decided."""

from datetime import timedelta
from typing import Any

from core.algorithms.next_video.history import used_history
from core.algorithms.next_video.request import Click, History, View

HOUR = timedelta(hours=1)


def used(ask: Any, history: History, max_history: int = 1000) -> tuple[str | None, list[str]]:
    day = 24 * HOUR
    rows = [
        *(ask.film(name) for name in "abc"),
        ask.episode(1, 1, published_at=ask.now - 3 * day),
        ask.episode(1, 2, published_at=ask.now - 2 * day, available_until=ask.now - day),
        ask.episode(1, 3, published_at=ask.now + day),
        ask.episode(1, 1, series="t", published_at=ask.now - 9 * day),
        ask.episode(1, 1, series="announced", published_at=ask.now + day),
    ]
    found = used_history(ask.catalogue(rows), history, ask.now, 30, max_history)
    return found.source, list(found.content_ids)


def test_views_over_30_seconds_come_first_oldest_first(ask: Any) -> None:
    """NV-U1"""
    views = [
        View("a", 31, ask.now),
        View("b", 30, ask.now),
        View("c", 99, ask.now - HOUR),
        View("a", 40, ask.now - 2 * HOUR),
    ]
    assert used(ask, History(views=views, clicks=[Click("b", ask.now)])) == ("NV-U1", ["a", "c", "a"])


def test_else_all_views(ask: Any) -> None:
    """NV-U2"""
    assert used(ask, History(views=[View("a", 1, ask.now), View("b", 30, ask.now - HOUR)])) == ("NV-U2", ["b", "a"])


def test_else_all_clicks(ask: Any) -> None:
    """NV-U3: views of unknown videos are no views."""
    history = History([View("unknown", 99, ask.now)], [Click("a", ask.now), Click("unknown", ask.now)], ["s"])
    assert used(ask, history) == ("NV-U3", ["a"])


def test_else_the_newest_published_episode_of_each_bookmarked_series(ask: Any) -> None:
    """NV-U4: published, whether still available or not; the oldest first."""
    bookmarks = ["s", "unknown", "t", "s", "announced"]
    assert used(ask, History(clicks=[Click("unknown", ask.now)], bookmarks=bookmarks)) == ("NV-U4", ["t1e1", "s1e2"])


def test_else_nothing(ask: Any) -> None:
    assert used(ask, History()) == (None, [])
    assert used(ask, History([View("unknown", 99, ask.now)], [], ["announced"])) == (None, [])


def test_only_the_newest_entries_count(ask: Any) -> None:
    views = [View("a", 99, ask.now), View("b", 99, ask.now - HOUR), View("c", 99, ask.now - 2 * HOUR)]
    assert used(ask, History(views=views), max_history=2) == ("NV-U1", ["b", "a"])


def test_times_are_compared_across_zones(ask: Any) -> None:
    from datetime import datetime

    views = [
        View("a", 99, datetime.fromisoformat("2026-04-30T10:00:00+02:00")),
        View("b", 99, datetime.fromisoformat("2026-04-30T07:00:00-02:00")),
    ]
    assert used(ask, History(views=views)) == ("NV-U1", ["a", "b"])
