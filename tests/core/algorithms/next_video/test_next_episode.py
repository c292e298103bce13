"""Case 1: the next episode (NV-1), also where the metadata are bad (NV-K1)."""

from datetime import timedelta
from typing import Any

DAY = timedelta(days=1)


def following(ask: Any, rows: list[dict[str, Any]], current: str) -> str | None:
    decision = ask([*rows, ask.film("film")], current)
    return decision.items[0].content_id if decision.case == "next-episode" else None


def test_the_next_number_of_the_season_follows_whatever_the_gap(ask: Any) -> None:
    rows = [ask.episode(1, 1), ask.episode(1, 7), ask.episode(1, 4), ask.episode(2, 1)]
    assert following(ask, rows, "s1e1") == "s1e4"


def test_after_the_last_of_a_season_comes_the_lowest_of_the_next_known_one(ask: Any) -> None:
    rows = [ask.episode(1, 9), ask.episode(4, 3), ask.episode(4, 2), ask.episode(5, 1)]
    assert following(ask, rows, "s1e9") == "s4e2"


def test_after_the_last_episode_nothing_follows(ask: Any) -> None:
    assert following(ask, [ask.episode(1, 1), ask.episode(1, 2)], "s1e2") is None


def test_an_episode_that_cannot_be_played_now_is_not_skipped_over(ask: Any) -> None:
    for hindrance in (
        {"is_playable": False},
        {"published_at": ask.now + DAY},
        {"available_from": ask.now + DAY},
        {"available_until": ask.now},
        {"collection": "logo!"},
    ):
        rows = [ask.episode(1, 1), ask.episode(1, 2, **hindrance), ask.episode(1, 3)]
        assert following(ask, rows, "s1e1") is None, hindrance


def test_of_a_doubled_number_the_newest_playable_one_follows(ask: Any) -> None:
    rows = [
        ask.episode(1, 1),
        ask.episode(1, 2, content_id="old", published_at=ask.now - 5 * DAY),
        ask.episode(1, 2, content_id="new", published_at=ask.now - 2 * DAY),
        ask.episode(1, 2, content_id="newest, but over", published_at=ask.now - DAY, available_until=ask.now),
    ]
    assert following(ask, rows, "s1e1") == "new"


def test_a_series_without_any_season_counts_as_one(ask: Any) -> None:
    assert following(ask, [ask.episode(None, 1), ask.episode(None, 2)], "sNonee1") == "sNonee2"


def test_a_video_whose_number_nothing_tells_has_no_successor(ask: Any) -> None:
    rows = [ask.episode(1, None), ask.episode(None, 2), ask.episode(1, 1), ask.episode(1, 2), ask.episode(2, 2)]
    assert following(ask, rows, "s1eNone") is None
    assert following(ask, rows, "sNonee2") is None


def test_years_are_seasons_like_others(ask: Any) -> None:
    assert following(ask, [ask.episode(2024, 30), ask.episode(2025, 1)], "s2024e30") == "s2025e1"


def test_pages_and_other_series_are_no_successors(ask: Any) -> None:
    rows = [ask.episode(1, 1), ask.episode(1, 2, kind="page"), ask.episode(1, 2, series="t")]
    assert following(ask, rows, "s1e1") is None


def test_it_comes_first_even_under_nachrichten_and_for_what_was_seen(ask: Any) -> None:
    """NV-H2 and NV-P1 belong to case 2."""
    from core.algorithms.next_video.request import History, View

    rows = [ask.episode(1, 1, path="/nachrichten/heute"), ask.episode(1, 2, path="/nachrichten/heute")]
    seen = History(views=[View("s1e2", 900.0, ask.now - DAY)])
    decision = ask(rows, "s1e1", seen)
    assert [(item.content_id, item.source) for item in decision.items] == [("s1e2", "next-episode")]


def test_a_current_that_left_the_offer_or_is_excluded_still_has_a_successor(ask: Any) -> None:
    """NV-C2: one of them may be the current video."""
    rows = [ask.episode(1, 1, available_until=ask.now - DAY, collection="ZDFinternational"), ask.episode(1, 2)]
    assert following(ask, rows, "s1e1") == "s1e2"
