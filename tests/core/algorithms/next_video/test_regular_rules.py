"""Case 2 (NV-2), rule by rule, at its edges."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.algorithms.next_video.request import History, UnknownVideoError, View

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def rule_of(decision: Any, content_id: str) -> tuple[str, str | None] | None:
    return {each.content_id: (each.rule, each.replaced_by) for each in decision.dropped}.get(content_id)


def seen(*content_ids: str, seconds: float = 31.0) -> Callable[[Any], History]:
    return lambda ask: History(views=[View(each, seconds, ask.now - DAY) for each in content_ids])


def test_availability_begins_at_its_instant_and_ends_before_its_end(ask: Any, shown: Any) -> None:
    """NV-C1"""
    rows = [
        ask.film("current"),
        ask.film("opens now", available_from=ask.now),
        ask.film("opens a tick later", available_from=ask.now + TICK),
        ask.film("closes a tick later", available_until=ask.now + TICK),
        ask.film("closes now", available_until=ask.now),
        ask.film("published now", published_at=ask.now),
        ask.film("published a tick later", published_at=ask.now + TICK),
        ask.film("switched off", is_playable=False),
        ask.film("page", kind="page"),
    ]
    decision = ask(rows, "current")
    assert shown(decision) == ["closes a tick later", "opens now", "published now"]
    assert rule_of(decision, "current") == ("NV-C1", None)
    assert rule_of(decision, "page") == ("NV-C1", None)


def test_what_can_be_played_changes_with_the_clock_of_the_request(ask: Any, shown: Any) -> None:
    """NV-C1: by the clock at the request, both ways and back again."""
    rows = [ask.film("current"), ask.film("a", available_until=ask.now), ask.film("b", available_from=ask.now)]
    catalogue = ask.catalogue(rows)
    for now, playable in ((ask.now - TICK, "a"), (ask.now, "b"), (ask.now - TICK, "a")):
        offer = catalogue.offer_at(now)
        assert [catalogue.ids[row] for row in range(1, 3) if offer.is_playable[row]] == [playable]


def test_excluded_collections_are_not_shown(ask: Any, shown: Any) -> None:
    """NV-C2"""
    names = ("ZDFinternational", "The European Collection", "logo!")
    rows = [ask.film("current"), *(ask.film(name, collection=name) for name in names), ask.film("x", collection="logo")]
    decision = ask(rows, "current")
    assert shown(decision) == ["x"]
    assert {rule_of(decision, name) for name in names} == {("NV-C2", None)}


def test_children_stay_with_childrens_videos(ask: Any, shown: Any) -> None:
    """NV-R1; the other way round everything is allowed."""
    rows = [ask.film("kids", audience="kids"), ask.film("kids too", audience="kids"), ask.film("others")]
    assert shown(ask(rows, "kids")) == ["kids too"]
    assert shown(ask(rows, "others")) == ["kids", "kids too"]


def test_documentaries_and_reports_stay_among_themselves(ask: Any, shown: Any) -> None:
    """NV-R2"""
    rows = [ask.film("d", genre="documentary"), ask.film("r", genre="report"), ask.film("m", genre="magazine")]
    assert shown(ask(rows, "d")) == ["r"]
    assert shown(ask(rows, "r")) == ["d"]
    assert shown(ask(rows, "m")) == ["d", "r"]


def test_a_serial_video_never_leads_to_its_own_series(ask: Any, shown: Any) -> None:
    """NV-R3"""
    rows = [ask.episode(1, 1), ask.episode(1, 2), ask.film("film"), ask.episode(1, 1, series="t")]
    decision = ask(rows, "s1e2")
    assert shown(decision) == ["film", "t1e1"]
    assert rule_of(decision, "s1e1") == ("NV-R3", None)


def test_a_documentary_series_meets_three_rules_at_once(ask: Any, shown: Any) -> None:
    """NV-R2, NV-R3, NV-R4: the first episode must itself be a documentary."""
    rows = [
        ask.episode(1, 1, genre="documentary"),
        ask.episode(1, 1, series="t", genre="fiction"),
        ask.episode(1, 2, series="t", genre="documentary"),
        ask.episode(1, 1, series="u", genre="report"),
        ask.episode(1, 2, series="u", genre="documentary"),
    ]
    decision = ask(rows, "s1e1")
    assert shown(decision) == ["u1e1"]
    assert rule_of(decision, "t1e2") == ("NV-R4", None)
    assert rule_of(decision, "u1e2") is not None


def test_a_later_episode_is_replaced_by_the_first_even_if_the_model_does_not_know_it(ask: Any) -> None:
    """NV-R4"""
    rows = [ask.film("current"), ask.episode(1, 1), ask.episode(1, 5)]
    decision = ask(rows, "current", vocabulary=["s1e5"])
    assert [item.content_id for item in decision.items] == ["s1e1"]
    assert rule_of(decision, "s1e5") == ("NV-R4", "s1e1")


def test_where_s01e01_cannot_be_played_the_newest_season_on_offer_opens(ask: Any) -> None:
    """NV-R4"""
    gone = {"available_until": ask.now - DAY}
    rows = [
        ask.film("current"),
        ask.episode(1, 1, **gone),
        ask.episode(2, 1),
        ask.episode(2, 2),
        ask.episode(3, 1, **gone),
    ]
    assert [item.content_id for item in ask(rows, "current", vocabulary=["s2e2"]).items] == ["s2e1"]


def test_a_middle_season_opens_nothing(ask: Any) -> None:
    """NV-R4, NV-H3: season 3 is the highest on offer, and its episode 1 is not."""
    gone = {"available_until": ask.now - DAY}
    rows = [
        ask.film("current"),
        ask.episode(1, 1, **gone),
        ask.episode(2, 1),
        ask.episode(3, 1, **gone),
        ask.episode(3, 2),
    ]
    decision = ask(rows, "current", vocabulary=["s2e1", "s3e2"])
    assert (decision.case, decision.reason) == ("hidden", "NV-H3")


def test_years_as_seasons_open_with_the_lowest_and_the_highest(ask: Any, shown: Any) -> None:
    """NV-R4"""
    rows = [ask.film("current"), ask.episode(2019, 1), ask.episode(2020, 1), ask.episode(2021, 1), ask.episode(2021, 2)]
    assert shown(ask(rows, "current", vocabulary=["s2020e1"])) == ["s2019e1"]
    assert shown(ask(rows, "current", vocabulary=["s2021e1"])) == ["s2021e1"]


def test_a_lowest_season_that_is_no_year_opens_only_as_season_1(ask: Any) -> None:
    """NV-R4: S01E01 is missing, season 2 is neither it nor the highest."""
    rows = [ask.film("current"), ask.episode(2, 1), ask.episode(3, 2)]
    assert ask(rows, "current", vocabulary=["s2e1"]).reason == "NV-H3"


def test_a_series_without_seasons_opens_with_its_episode_1(ask: Any, shown: Any) -> None:
    """NV-R4, NV-K1"""
    rows = [ask.film("current"), ask.episode(None, 1), ask.episode(None, 2), ask.episode(None, None)]
    assert shown(ask(rows, "current", vocabulary=["sNonee2", "sNoneeNone"])) == ["sNonee1"]


def test_a_series_appears_once_with_an_unseen_first_episode_if_there_is_one(ask: Any, shown: Any) -> None:
    """NV-R4, NV-P1: S01E01 was seen, the newest season's opening was not."""
    rows = [ask.film("current"), ask.episode(1, 1), ask.episode(2, 1)]
    assert len(ask(rows, "current").items) == 1
    assert shown(ask(rows, "current", seen("s1e1")(ask))) == ["s2e1"]
    assert shown(ask(rows, "current", seen("s2e1")(ask))) == ["s1e1"]


@pytest.mark.parametrize(("seconds", "is_seen"), [(29.9, False), (30.0, False), (30.1, True)])
def test_seen_is_more_than_30_seconds(ask: Any, seconds: float, is_seen: bool) -> None:
    """NV-P1, NV-U1"""
    rows = [ask.film("current"), ask.film("a"), ask.film("b")]
    decision = ask(rows, "current", seen("a", seconds=seconds)(ask))
    assert ("a" not in [item.content_id for item in decision.items]) == is_seen


def test_a_replacement_that_was_seen_is_dropped_too(ask: Any) -> None:
    """NV-R4 before NV-P1: hidden by NV-H4."""
    rows = [ask.film("current"), ask.episode(1, 1), ask.episode(1, 2)]
    decision = ask(rows, "current", seen("s1e1")(ask), vocabulary=["s1e2"])
    assert (decision.case, decision.reason) == ("hidden", "NV-H4")
    assert rule_of(decision, "s1e1") == ("NV-P1", None)


def test_the_reason_is_the_rule_that_emptied_the_list(ask: Any) -> None:
    """NV-H1, NV-H3, NV-H4"""
    current, film, later = ask.film("current"), ask.film("film"), ask.episode(1, 2)
    assert ask([current], "current").reason == "NV-H1"
    assert ask([current, film], "current", vocabulary=["left the catalogue"]).reason == "NV-H1"
    assert ask([current, later], "current").reason == "NV-H3"
    assert ask([current, film], "current", seen("film")(ask)).reason == "NV-H4"
    assert ask([current, film, later], "current", seen("film")(ask)).reason == "NV-H4"


@pytest.mark.parametrize(
    ("path", "is_hidden"),
    [
        ("/nachrichten", True),
        ("/nachrichten/", True),
        ("/nachrichten/heute-journal/x", True),
        ("/nachrichtenwelt", False),
        ("/wissen/nachrichten", False),
        ("", False),
    ],
)
def test_nachrichten_itself_and_all_below_it_are_hidden(ask: Any, path: str, is_hidden: bool) -> None:
    """NV-H2"""
    decision = ask([ask.film("current", path=path), ask.film("film")], "current")
    assert (decision.reason == "NV-H2") == is_hidden


def test_an_announced_current_is_answered_and_an_unknown_one_or_a_page_is_not(ask: Any, shown: Any) -> None:
    rows = [ask.film("current", published_at=ask.now + DAY), ask.film("film"), ask.film("page", kind="page")]
    assert shown(ask(rows, "current")) == ["film"]
    for wrong in ("page", "unknown"):
        with pytest.raises(UnknownVideoError):
            ask(rows, wrong)


def test_counts_tell_what_each_rule_left(ask: Any) -> None:
    rows = [ask.film("current"), ask.film("a"), ask.film("b", collection="logo!"), ask.episode(1, 2)]
    counts = ask(rows, "current", seen("a")(ask)).counts
    assert counts == {"NV-C1": (4, 3), "NV-C2": (3, 2), "NV-R4": (2, 1), "NV-P1": (1, 0)}
