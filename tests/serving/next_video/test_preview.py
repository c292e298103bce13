"""Changed rules tried on recorded requests before they go live (OPS-3)."""

from datetime import timedelta
from typing import Any

import pytest

from core.algorithms.next_video.rule_change import age_class, difference
from core.algorithms.next_video.rules import load_rules, parse_rules
from core.errors import UserError
from serving.next_video.preview import preview


def ask(client: Any, current: str, times: int = 1) -> None:
    for _ in range(times):
        assert client.post("/api/v1/next-video", json={"current": current, "device_class": "tv"}).status_code == 200


def text_of(world: Any) -> str:
    return str((world.settings.config / "next_video" / "rules.yaml").read_text(encoding="utf-8"))


def without(text: str, rule: str) -> str:
    """The rules with one switched off."""
    head, tail = text.split(f"  {rule}:\n", 1)
    return head + f"  {rule}:\n" + tail.replace("enabled: true", "enabled: false", 1)


def recorded(world: Any, client: Any, count: int) -> None:
    """Wait until the records are in the log."""

    def lines() -> int:
        files = world.settings.paths.decision_log.glob("hour=*/*.jsonl")
        return sum(len(file.read_text().splitlines()) for file in files)

    world.until(lambda: lines() == count)


def test_the_rules_of_now_change_nothing(world: Any) -> None:
    with world.running() as client:
        ask(client, "film-1", 3)
        ask(client, "news-1", 2)
        recorded(world, client, 5)
        same = load_rules(world.settings.config / "next_video" / "rules.yaml")
        found = preview(world.settings, world.champions, same, world.now + timedelta(minutes=1), 100)
        assert (found.change.request_count, found.change.changed_count, found.change.examples) == (5, 0, [])
        assert found.change.before == found.change.after
        assert found.change.before.outcomes == {"regular": 3, "NV-H2": 2}


def test_a_rule_switched_off_shows_what_would_change(world: Any) -> None:
    """Without NV-H2 news lead to recommendations; without NV-1 a series goes on with something else."""
    with world.running() as client:
        ask(client, "film-1", 3)
        ask(client, "news-1", 2)
        ask(client, "serie-1", 1)
        recorded(world, client, 6)
        until = world.now + timedelta(minutes=1)
        news = preview(world.settings, world.champions, parse_rules(without(text_of(world), "NV-H2"), "x"), until, 100)
        assert news.change.changed_count == 2
        assert news.change.after.outcomes == {"regular": 5, "next-episode": 1}
        assert {example.current for example in news.change.examples} == {"news-1"}
        assert {example.outcome_before for example in news.change.examples} == {"NV-H2"}
        assert news.change.after.genre["fiction"] > news.change.before.genre["fiction"]
        series = preview(world.settings, world.champions, parse_rules(without(text_of(world), "NV-1"), "x"), until, 100)
        assert [example.current for example in series.change.examples] == ["serie-1"]


def test_controls_of_the_ranking_are_tried_like_rules(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they moved, how varied answers are and how much of the long tail they show, now and then (issue 5)."""
    changed = parse_rules(text_of(world).replace("    share: 0 ", "    share: 1 "), "x")
    with world.running() as client:
        ask(client, "film-1", 3)
        ask(client, "serie-1", 1)
        recorded(world, client, 4)
        until = world.now + timedelta(minutes=1)
        found = preview(world.settings, world.champions, changed, until, 100).change
        client.cookies.set("mediathek_token", world.token)
        monkeypatch.setattr("serving.web.preview.clock.now", lambda: until)
        text = text_of(world).replace("    share: 0 ", "    share: 1 ")
        page = client.post("/preview?language=en", data={"rules": text})
    assert (found.before.moved, found.before.regular_count) == ({}, 3)
    assert set(found.after.moved) == {"long_tail"}
    assert found.after.item_count == found.before.item_count, "nothing is dropped and nothing comes in"
    assert 0 < found.before.tail_share <= found.after.tail_share
    assert found.before.genres_per_answer == found.after.genres_per_answer >= 1
    assert "Less known videos moved up" in page.text


def test_how_much_of_the_traffic_the_volume_covers_is_said_in_words() -> None:
    from serving.web.texts import text

    assert "12 % der Antworten an bekannte Geräte" in text("preview_support", "de", share="12")
    assert "only an experiment tells" in text("preview_support", "en", share="12")


def test_workers_beside_each_other_find_the_same(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.next_video.preview._CHUNK", 2)
    with world.running() as client:
        ask(client, "film-1", 3)
        ask(client, "news-1", 2)
        recorded(world, client, 5)
    changed = parse_rules(without(text_of(world), "NV-H2"), "x")
    alone, together = (
        preview(world.settings, world.champions, changed, world.now + timedelta(minutes=1), 100, workers)
        for workers in (1, 2)
    )
    assert alone.change == together.change


def test_a_time_without_requests_is_said(world: Any) -> None:
    rules = load_rules(world.settings.config / "next_video" / "rules.yaml")
    with pytest.raises(UserError, match="none is recorded"):
        preview(world.settings, world.champions, rules, world.now, 100)


def test_the_difference_weighs_the_top_of_the_list_more() -> None:
    assert difference(["a", "b"], ["a", "b"]) == 0
    assert difference(["a"], []) == 1
    assert difference(["a", "b", "c"], ["x", "b", "c"]) > difference(["a", "b", "c"], ["a", "b", "x"])
    assert [age_class(days) for days in (0, 7, 8, 30.5, 400)] == ["0-7", "0-7", "8-30", "31-90", "366+"]


def test_the_page_tries_a_change_and_names_what_is_wrong_with_another(world: Any) -> None:
    with world.running() as client:
        ask(client, "news-1", 2)
        recorded(world, client, 2)
        assert client.post("/preview", data={"rules": text_of(world)}).status_code == 403
        client.cookies.set("mediathek_token", world.token)
        assert "NV-C2" in client.get("/preview").text
        wrong = client.post("/preview?language=en", data={"rules": text_of(world).replace("NV-H4", "NV-H9")})
        assert wrong.status_code == 422
        assert "NV-H9" in wrong.text
