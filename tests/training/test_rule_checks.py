"""The replay's checks find every rule that an answer breaks: a gate that cannot fail would be none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.algorithms.next_video.decision import Decision, Item
from core.algorithms.next_video.request import Click, History, Request, View
from core.algorithms.next_video.rules import load_rules
from core.settings import Settings
from training.rule_checks import RuleChecks

NOW = datetime(2026, 5, 1, 12, 0)


def video(content_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "content_id": content_id,
        "kind": "video",
        "path": "/filme/x",
        "genre": "fiction",
        "audience": "general",
        "collection": None,
        "series_id": None,
        "season": None,
        "episode": None,
        "published_at": NOW - timedelta(days=9),
        "available_from": None,
        "available_until": None,
        "is_playable": True,
    } | fields


def episode(content_id: str, series: str, season: int | None, number: int | None, **fields: Any) -> dict[str, Any]:
    return video(content_id, series_id=series, season=season, episode=number, **fields)


CATALOGUE = [
    video("film"),
    video("other-film"),
    video("doku", genre="documentary"),
    video("kids", audience="kids", genre="kids"),
    video("kids-2", audience="kids", genre="kids"),
    video("off", is_playable=False),
    video("soon", available_from=NOW + timedelta(seconds=1)),
    video("over", available_until=NOW),
    video("announced", published_at=NOW + timedelta(hours=1)),
    video("excluded", collection="logo!"),
    video("news", path="/nachrichten/heute", genre="news"),
    video("page", kind="page"),
    episode("a-s1e1", "a", 1, 1),
    episode("a-s1e2", "a", 1, 2),
    episode("a-s1e3", "a", 1, 3),
    episode("a-s2e1", "a", 2, 1),
    episode("b-s1e1", "b", 1, 1),
    episode("b-s1e2", "b", 1, 2),
    episode("b-s2e1", "b", 2, 1),
    episode("b-s3e1", "b", 3, 1, is_playable=False),
    episode("y-2019e1", "y", 2019, 1),
    episode("y-2020e1", "y", 2020, 1),
    episode("y-2021e1", "y", 2021, 1),
    episode("n-e1", "n", None, 1),
    episode("n-e2", "n", None, 2),
]


@pytest.fixture
def checks(settings: Settings) -> RuleChecks:
    return RuleChecks(CATALOGUE, load_rules(settings.config / "next_video" / "rules.yaml"), NOW, 30)


def broken(checks: RuleChecks, current: str, *items: str, case: str = "regular", **request: Any) -> list[str]:
    source = "next-episode" if case == "next-episode" else "similarity"
    decision = Decision(case, items=[Item(item, 1.0, source) for item in items])  # type: ignore[arg-type]
    return [line.split(":")[0] for line in checks.broken(Request(current, "tv", **request), decision)]


@pytest.mark.parametrize(
    ("current", "item"),
    [
        ("film", "other-film"),
        ("film", "doku"),
        ("kids", "kids-2"),
        ("film", "a-s1e1"),
        ("film", "a-s2e1"),  # the highest season available
        ("film", "b-s2e1"),  # the highest of which an episode can be played: season 3 cannot
        ("film", "y-2019e1"),  # the lowest, for seasons are years
        ("film", "y-2021e1"),
        ("film", "n-e1"),
    ],
)
def test_a_right_answer_breaks_nothing(checks: RuleChecks, current: str, item: str) -> None:
    assert broken(checks, current, item) == []


@pytest.mark.parametrize(
    ("rule", "current", "item"),
    [
        ("NV-C1", "film", "off"),
        ("NV-C1", "film", "soon"),
        ("NV-C1", "film", "over"),
        ("NV-C1", "film", "announced"),
        ("NV-C1", "film", "page"),
        ("NV-C1", "film", "film"),
        ("NV-C2", "film", "excluded"),
        ("NV-H2", "news", "film"),
        ("NV-R1", "kids", "film"),
        ("NV-R2", "doku", "film"),
        ("NV-R3", "a-s1e3", "a-s1e1"),
        ("NV-R4", "film", "a-s1e2"),
        ("NV-R4", "film", "y-2020e1"),
        ("NV-R4", "film", "n-e2"),
    ],
)
def test_each_broken_rule_is_found(checks: RuleChecks, rule: str, current: str, item: str) -> None:
    assert broken(checks, current, item) == [rule]


def test_nv_p1_a_video_seen_before_is_found_and_one_only_glanced_at_is_not(checks: RuleChecks) -> None:
    def seen_for(seconds: float) -> History:
        return History(views=[View("other-film", seconds, datetime(2026, 4, 1, tzinfo=UTC))])

    assert broken(checks, "film", "other-film", history=seen_for(31)) == ["NV-P1"]
    assert broken(checks, "film", "other-film", history=seen_for(30)) == []


def test_nv_r4_two_episodes_of_one_series_are_found(checks: RuleChecks) -> None:
    assert broken(checks, "film", "a-s1e1", "a-s2e1") == ["NV-R4"]


def test_nv_1_only_the_next_number_is_the_next_episode(checks: RuleChecks) -> None:
    assert broken(checks, "a-s1e1", "a-s1e2", case="next-episode") == []
    assert broken(checks, "a-s1e3", "a-s2e1", case="next-episode") == []
    assert broken(checks, "a-s1e1", "a-s1e3", case="next-episode") == ["NV-1"]
    assert broken(checks, "a-s1e1", "b-s1e2", case="next-episode") == ["NV-1"]


def test_nv_t4_the_sequence_half_without_a_history_is_found(checks: RuleChecks) -> None:
    decision = Decision("regular", items=[Item("other-film", 1.0, "sequence")])
    assert [line[:5] for line in checks.broken(Request("film", "tv"), decision)] == ["NV-T4"]
    clicked = Request("film", "tv", history=History(clicks=[Click("doku", datetime(2026, 4, 1, tzinfo=UTC))]))
    assert list(checks.broken(clicked, decision)) == []


def test_too_many_doubled_or_unexplained_answers_are_found(checks: RuleChecks) -> None:
    assert "limit" in broken(checks, "film", "doku", "other-film", limit=1)
    assert "limit" in broken(checks, "film", "doku", "doku")
    assert broken(checks, "film") == ["NV-H"]
    assert broken(checks, "film", case="hidden") == ["NV-H"]  # hidden without a reason
