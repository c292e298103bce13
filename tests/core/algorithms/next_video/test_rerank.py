"""Editors' controls of the final ranking: diversity, freshness, long tail."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from core.algorithms.next_video.ranking_controls import CONTROLS, Control, RankingControls
from core.algorithms.next_video.request import History, View
from core.algorithms.next_video.rerank import Pool, rerank
from core.algorithms.next_video.rules import load_rules, parse_rules
from core.errors import UserError
from core.paths import PROJECT_ROOT

FILE = PROJECT_ROOT / "config" / "next_video" / "rules.yaml"


def pool(*candidates: tuple[float, int, float, bool]) -> Pool:
    """Of (score, genre, age in days, whether of the long tail); nothing is alike but by genre."""
    scores, genres, ages, tail = zip(*candidates, strict=True)
    factors = np.eye(len(candidates), dtype=np.float32)
    return Pool(np.array(scores, np.float32), factors, np.array(genres), np.array(ages, float), np.array(tail))


def only(control: Control, strength: float) -> RankingControls:
    return RankingControls().alone(control, strength)


THREE_OF_A_KIND = pool((1.0, 0, 90, False), (0.9, 0, 90, False), (0.8, 0, 90, False), (0.7, 1, 90, False))


def test_diversity_puts_another_genre_between() -> None:
    found = rerank(THREE_OF_A_KIND, only("diversity", 0.7), 4)
    assert list(found.order) == [0, 3, 1, 2]
    assert list(found.moved_by) == [(), ("diversity",), (), ()]


def test_diversity_tells_alike_by_content_too() -> None:
    twins = Pool(
        np.array([1.0, 0.9, 0.8], np.float32),
        np.array([[1, 0], [1, 0], [0, 1]], np.float32),
        np.array([-1, -1, -1]),  # no genre is not the same genre
        np.zeros(3),
        np.zeros(3, bool),
    )
    assert list(rerank(twins, only("diversity", 0.7), 3).order) == [0, 2, 1]


def test_freshness_lifts_what_is_new_and_halves_with_each_half_life() -> None:
    four = pool((1.0, 0, 70, False), (0.6, 0, 70, False), (0.5, 0, 0, False), (0.0, 0, 14, False))
    found = rerank(four, only("freshness", 0.5), 4)
    # 0.5 + ~0, 0.3 + ~0, 0.25 + 0.5, 0 + 0.125: two half-lives of 7 days
    assert list(found.order) == [2, 0, 1, 3]
    assert list(found.moved_by) == [("freshness",), (), (), ()]


def test_the_long_tail_has_its_share_from_the_top_of_the_list_on() -> None:
    six = pool(*((1 - place / 10, 0, 9, place >= 4) for place in range(6)))
    found = rerank(six, only("long_tail", 0.5), 6)
    assert list(found.order) == [0, 4, 1, 5, 2, 3]
    assert found.moved_by[1] == ("long_tail",)
    assert list(rerank(six, only("long_tail", 0.5), 2).order) == [0, 4]


def test_where_no_long_tail_is_left_the_rest_goes_on() -> None:
    found = rerank(pool((1, 0, 9, False), (0.5, 0, 9, False), (0.2, 0, 9, True)), only("long_tail", 1.0), 3)
    assert list(found.order) == [2, 0, 1]


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_every_order_is_one_of_the_candidates_and_a_shorter_answer_begins_a_longer_one(
    control: Control, strength: float
) -> None:
    rng = np.random.default_rng(7)
    many = pool(*((1 - n / 40, int(rng.integers(4)), float(rng.integers(60)), rng.random() < 0.3) for n in range(40)))
    whole = rerank(many, only(control, strength), 100)
    assert sorted(whole.order) == list(range(40))
    assert list(rerank(many, only(control, strength), 10).order) == list(whole.order)[:10]
    for place, (chosen, moved_by) in enumerate(zip(whole.order, whole.moved_by, strict=True)):
        assert moved_by == ((control,) if chosen > place else ())
    if strength == 0:
        assert list(whole.order) == list(range(40))


def test_one_candidate_or_none_is_no_trouble() -> None:
    everything = RankingControls.model_validate({"diversity": {"weight": 1}, "freshness": {"weight": 1}})
    assert list(rerank(pool((1, 0, 9, False)), everything, 10).order) == [0]
    empty = Pool(*(np.zeros(shape) for shape in (0, (0, 3), 0, 0)), np.zeros(0, bool))  # type: ignore[arg-type]
    assert list(rerank(empty, everything, 10).order) == []


def with_controls(**controls: Any) -> str:
    return yaml.safe_dump(yaml.safe_load(FILE.read_text()) | {"ranking": controls})


ALL_ON = with_controls(diversity={"weight": 0.5}, freshness={"weight": 0.9}, long_tail={"share": 0.5})


def test_as_delivered_all_are_off_and_a_file_without_them_says_the_same() -> None:
    old = yaml.safe_load(FILE.read_text())
    assert not load_rules(FILE).ranking.is_on
    del old["ranking"]
    assert parse_rules(yaml.safe_dump(old), "old") == load_rules(FILE)


def test_controls_reorder_what_the_rules_left_and_bring_nothing_back(ask: Any) -> None:
    """Whatever is dropped stays dropped (NV-C2, NV-R1..NV-R4, NV-P1), and scores stay the model's."""
    rows = [ask.film("current")]
    rows += [ask.film(f"film-{n}", genre=["fiction", "show"][n % 2]) for n in range(8)]
    rows += [
        ask.film("barred", collection="logo!"),
        ask.film("kids", audience="kids"),
        ask.film("off", is_playable=False),
    ]
    rows += [ask.episode(1, 1), ask.episode(1, 2), ask.film("seen")]
    history = History(views=[View("seen", 99.0, ask.now)])
    plain = ask(rows, "current", history)
    ask.rules = parse_rules(ALL_ON, "x")
    moved = ask(rows, "current", history)
    assert {(item.content_id, item.score) for item in moved.items} == {
        (item.content_id, item.score) for item in plain.items
    }
    assert [item.content_id for item in moved.items] != [item.content_id for item in plain.items]
    assert (moved.counts, moved.dropped) == (plain.counts, plain.dropped)
    assert any(item.moved_by for item in moved.items)
    assert not any(item.moved_by for item in plain.items)


def test_the_date_of_publication_is_judged_at_the_request(ask: Any) -> None:
    from datetime import timedelta

    rows = [ask.film(name) for name in ("current", "a", "b", "c")]
    rows.append(ask.film("new", published_at=ask.now - timedelta(hours=1)))
    rows.append(ask.film("undated", published_at=None))
    ask.rules = parse_rules(with_controls(freshness={"weight": 1}), "x")
    first = ask(rows, "current").items[0]
    assert first.content_id == "new"


@pytest.mark.parametrize(
    ("controls", "message"),
    [
        ({"diversity": {"weight": 1.5}}, "ranking.diversity.weight: 1.5 is no share; give a number from 0 (off) to 1"),
        ({"long_tail": {"share": True}}, "ranking.long_tail.share: True is no share"),
        ({"freshness": {"half_life_days": 0}}, "ranking.freshness.half_life_days: 0 is no number of days"),
        ({"freshness": {"weight": "a lot"}}, "ranking.freshness.weight: 'a lot' is no share"),
        ({"novelty": {"weight": 1}}, "ranking.novelty: Extra inputs are not permitted; remove it or correct"),
    ],
)
def test_a_wrong_control_is_named_with_its_remedy(tmp_path: Path, controls: dict[str, Any], message: str) -> None:
    (tmp_path / "rules.yaml").write_text(with_controls(**controls))
    with pytest.raises(UserError) as raised:
        load_rules(tmp_path / "rules.yaml")
    assert message in str(raised.value)


def test_the_reason_says_what_moved_an_item_in_both_languages() -> None:
    from core.algorithms.next_video.why import MOVED, Why

    assert set(MOVED) == set(CONTROLS)
    reason = Why("popular", (), ("freshness", "long_tail"))
    assert reason.text({}, "en").endswith(
        "It stands higher because it is new. It stands higher to leave room for what is less known."
    )
    assert "weil es neu ist" in reason.text({}, "de")
