"""Gates over figures: what is better, what is chance, what is worse."""

from typing import Any

import pytest

from core.settings import Settings
from training.gates import quality_gates


def entry(users: int, combination: float, half_width: float, knn: float, coverage: float = 0.3) -> dict[str, Any]:
    def figures(value: float) -> dict[str, Any]:
        return {
            "users": users,
            "ndcg_at_10": value,
            "ndcg_at_10_interval": [value - half_width, value + half_width],
            "coverage_at_10": coverage,
        }

    return {
        "items": 1000,
        "metrics": {"combination": figures(combination), "popularity": figures(0.02), "item_knn": figures(knn)},
    }


def verdicts(settings: Settings, **models: dict[str, Any]) -> dict[str, bool]:
    return {gate.name: gate.is_passed for gate in quality_gates(models, settings.gates)}


def test_a_model_better_than_both_baselines_passes(settings: Settings) -> None:
    assert verdicts(settings, tv=entry(500, 0.15, 0.01, knn=0.05)) == {
        "accuracy": True,
        "class": True,
        "coverage": True,
    }


@pytest.mark.parametrize(("users", "passes"), [(200, False), (199, True)])
def test_slightly_worse_fails_on_many_devices_and_is_tolerated_on_few(
    settings: Settings, users: int, passes: bool
) -> None:
    assert verdicts(settings, tv=entry(users, 0.049, 0.01, knn=0.05))["accuracy"] is passes


def test_surely_worse_fails_on_few_devices_too(settings: Settings) -> None:
    assert verdicts(settings, tv=entry(50, 0.02, 0.01, knn=0.05))["accuracy"] is False


def test_one_bad_class_is_not_hidden_by_a_good_one(settings: Settings) -> None:
    found = verdicts(settings, tv=entry(5000, 0.15, 0.01, knn=0.05), tablet=entry(300, 0.01, 0.01, knn=0.05))
    assert found == {"accuracy": True, "class": False, "coverage": True}


def test_the_same_ten_for_everybody_fail_on_coverage(settings: Settings) -> None:
    """NV-M1: exposure."""
    assert verdicts(settings, tv=entry(500, 0.15, 0.01, knn=0.05, coverage=0.01))["coverage"] is False


def test_three_devices_cannot_show_a_twentieth_of_the_videos_and_need_not(settings: Settings) -> None:
    assert verdicts(settings, tv=entry(3, 0.15, 0.1, knn=0.05, coverage=0.02))["coverage"] is True
    assert verdicts(settings, tv=entry(3, 0.15, 0.1, knn=0.05, coverage=0.005))["coverage"] is False


def test_without_a_tested_device_there_is_nothing_to_compare(settings: Settings) -> None:
    untested = {"items": 3, "metrics": {name: {"users": 0} for name in ("combination", "popularity", "item_knn")}}
    assert verdicts(settings, tv=untested) == {"accuracy": True, "class": True, "coverage": True}


def test_every_gate_says_in_one_line_what_it_found(settings: Settings) -> None:
    for gate in quality_gates({"tv": entry(500, 0.15, 0.01, knn=0.05)}, settings.gates):
        assert gate.reading
        assert "\n" not in gate.reading


def test_with_nothing_served_yet_a_little_worse_than_the_baselines_is_enough_and_much_worse_is_not(
    settings: Settings,
) -> None:
    def passes(value: float) -> bool:
        gates = quality_gates({"tv": entry(5000, value, 0.001, knn=0.05)}, settings.gates, is_first=True)
        return all(gate.is_passed for gate in gates)

    assert passes(0.041)
    assert not passes(0.039)
