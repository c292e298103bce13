"""What editors' controls cost and buy, measured on a split's test (issue 5, "Beyond accuracy")."""

from typing import Any

import numpy as np
import pytest

from core.algorithms.next_video.ranking import combine
from core.algorithms.next_video.ranking_controls import CONTROLS, RankingControls
from core.algorithms.next_video.untrained import untrained_model
from core.settings import Blend
from training.datasets.interactions import from_columns
from training.datasets.splits import Split, leave_one_out
from training.next_video.config import TrainingConfig
from training.next_video.control_prices import STRENGTHS, About, control_prices
from training.next_video.metrics import per_user, rank_of

ITEMS, USERS, PLAYS, DAY_MS = 150, 60, 5, 86_400_000
BLEND = Blend(sequence=0.6, similarity=0.4, taste=0.0)
CONTROLS_OFF = RankingControls()


@pytest.fixture
def split() -> Split:
    rng = np.random.default_rng(3)
    users = [f"u{number:02}" for number in range(USERS) for _ in range(PLAYS)]
    items = [f"v{item:03}" for _ in range(USERS) for item in rng.choice(ITEMS, PLAYS, replace=False)]
    items[:PLAYS] = ["v000", "v001", "v002", "v003", "v149"]
    at = [(100 + play) * DAY_MS for _ in range(USERS) for play in range(PLAYS)]
    once = [f"z{item:03}" for item in range(ITEMS)]  # so that every video is known; too short to be tested
    every = [f"v{item:03}" for item in range(ITEMS)]
    return leave_one_out(from_columns([*users, *once], [*items, *every], [*at, *range(ITEMS)]))


@pytest.fixture
def about() -> About:
    return About(np.arange(ITEMS) % 5, (np.arange(ITEMS) * DAY_MS * 104) // ITEMS)


def prices(split: Split, about: About, controls: RankingControls = CONTROLS_OFF) -> dict[str, Any]:
    model = untrained_model("all", split.interactions.items, np.random.default_rng(1), width=8, max_length=8)
    config = TrainingConfig(bootstrap_samples=50)
    return control_prices(model, split, BLEND, lambda _: None, about, controls, config)


def curve(found: dict[str, Any], control: str, name: str) -> list[Any]:
    return [point[name] for point in found["points"] if point["control"] == control]


def test_without_strength_the_figure_is_the_full_ranking_s(split: Split, about: About) -> None:
    model = untrained_model("all", split.interactions.items, np.random.default_rng(1), width=8, max_length=8)
    ranks = []
    for target in split.test.tolist():
        *earlier, current = history = split.history(target)
        scores = combine(model, earlier, current, BLEND).scores
        ranks.append(rank_of(scores, int(split.interactions.item[target]), history))
    found = prices(split, About(about.genre, np.zeros(ITEMS, np.int64)))
    assert found["users"] == len(ranks)
    for control in CONTROLS:
        assert curve(found, control, "ndcg_at_10")[0] == pytest.approx(per_user(ranks)["ndcg_at_10"].mean())
        assert curve(found, control, "change")[0] == 0


def test_each_control_buys_what_it_is_for(split: Split, about: About) -> None:
    found = prices(split, about)
    for control in CONTROLS:
        assert curve(found, control, "strength") == list(STRENGTHS)
        gains = curve(found, control, "gain")
        assert gains[-1] > gains[0]
        assert gains == sorted(gains) or control == "diversity"  # greedy: not each step need rise
        for change, (low, high) in zip(
            curve(found, control, "change"), curve(found, control, "change_interval"), strict=True
        ):
            assert low <= change <= high
    assert curve(found, "long_tail", "gain")[-1] == 1.0
    assert curve(found, "diversity", "gain")[-1] == pytest.approx(5.0)


def test_what_is_published_after_the_play_is_no_candidate(split: Split, about: About) -> None:
    """Else it would count as the freshest of all."""
    later = About(about.genre, np.full(ITEMS, 200 * DAY_MS))
    assert set(curve(prices(split, later), "freshness", "ndcg_at_10")) == {0.0}


def test_half_life_and_long_tail_are_those_of_the_rules_file(split: Split, about: About) -> None:
    controls = RankingControls.model_validate({"freshness": {"half_life_days": 30}, "long_tail": {"most_played": 0.5}})
    wide, narrow = prices(split, about, controls), prices(split, about)
    assert (wide["half_life_days"], wide["most_played"]) == (30, 0.5)
    assert curve(wide, "freshness", "gain")[0] > curve(narrow, "freshness", "gain")[0]
    assert curve(wide, "long_tail", "gain")[0] < curve(narrow, "long_tail", "gain")[0]


def test_without_a_test_there_is_no_curve(split: Split, about: About) -> None:
    empty = Split(split.interactions, split.is_training, split.validation, split.test[:0])
    assert prices(empty, about)["points"] == []
