"""HH-10: delivery follows the forecast, the split over device classes holds, and nobody starves."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from core.algorithms.ads.pacing import Delivered, ForecastPacer, PacingPlan
from core.algorithms.ads.traffic import HOURS, TrafficForecast, TrafficHour
from core.domain import DEVICE_CLASSES

MIDNIGHT = datetime(2026, 6, 10, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
EVEN = TrafficForecast.of_week({each: [1.0] * HOURS for each in DEVICE_CLASSES})
EVENING = TrafficForecast.of_week({"tv": ([1.0] * 18 + [4.0] * 6) * 7, "smartphone": [1.0] * HOURS})


def plan(name: str, impressions: int, days: int = 1, **split: float) -> PacingPlan:
    return PacingPlan(name, MIDNIGHT, MIDNIGHT + days * DAY, impressions, split)


def serve(pacer: ForecastPacer, names: list[str], chances: list[tuple[datetime, str]]) -> Counter[tuple[str, str]]:
    """Give each chance to whoever is due most."""
    given: Counter[tuple[str, str]] = Counter()
    for at, device_class in chances:
        weights = {name: pacer.weight(name, device_class, at) for name in names}
        best = max(names, key=lambda name: weights[name])
        if weights[best] > 0:
            pacer.count(best, device_class, at)
            given[best, device_class] += 1
    return given


def chances(number: int, begin: float = 0.0, end: float = 24.0, device_class: str = "tv") -> list[tuple[datetime, str]]:
    step = (end - begin) / number
    return [(MIDNIGHT + timedelta(hours=begin + step * each), device_class) for each in range(number)]


def test_delivery_follows_the_forecast_of_the_day() -> None:
    """Three times as many chances as are needed, evenly over the day: the evening's share is delivered in the evening."""
    pacer = ForecastPacer([plan("c", 420, tv=1.0)], EVENING)
    by_six = serve(pacer, ["c"], chances(945, 0, 18))["c", "tv"]
    assert by_six == pytest.approx(420 * 18 / 42, abs=22), "half an hour ahead at most: 20 impressions of this evening"
    assert by_six + serve(pacer, ["c"], chances(945, 18, 24))["c", "tv"] == 420


def test_a_jump_in_traffic_does_not_spend_the_day_in_an_hour() -> None:
    pacer = ForecastPacer([plan("c", 240, tv=1.0)], EVEN)
    jump = serve(pacer, ["c"], chances(5000, 8, 9))["c", "tv"]
    assert jump == pytest.approx(240 * 9.5 / 24, abs=1), "as planned until nine, and half an hour"


def test_what_a_stop_of_three_hours_missed_is_delivered_by_night() -> None:
    pacer = ForecastPacer([plan("c", 240, tv=1.0)], EVEN)
    before, after = chances(400, 0, 10), chances(440, 13, 24)
    assert serve(pacer, ["c"], before + after)["c", "tv"] == 240


@pytest.mark.parametrize("seed", range(5))
def test_what_cannot_be_delivered_is_missing_from_all_alike(seed: int) -> None:
    """Large and small campaigns over less than half of the chances that were booked: none starves."""
    draw = random.Random(seed)
    booked = {f"c{number}": draw.choice([40, 80, 160, 640]) for number in range(6)}
    pacer = ForecastPacer([plan(name, number, tv=1.0) for name, number in booked.items()], EVEN)
    given = serve(pacer, list(booked), chances(sum(booked.values()) // 2))
    shares = [given[name, "tv"] / number for name, number in booked.items()]
    assert max(shares) - min(shares) < 0.05
    assert min(shares) > 0.4


@pytest.mark.parametrize("scarce", ["tablet", "tv", "smartphone"])
def test_the_split_holds_where_a_device_class_falls_short(scarce: str) -> None:
    """HH-10: within two percentage points, although one class has only half the chances it needs."""
    split = {"tv": 0.5, "smartphone": 0.3, "tablet": 0.2}
    pacer = ForecastPacer([PacingPlan("c", MIDNIGHT, MIDNIGHT + DAY, 2000, split)], EVEN)
    mixed = [
        chance
        for name, share in split.items()
        for chance in chances(int(2000 * share * (0.5 if name == scarce else 3)), device_class=name)
    ]
    given = serve(pacer, ["c"], sorted(mixed))
    total = sum(given.values())
    assert total > 900
    for name, share in split.items():
        assert given["c", name] / total == pytest.approx(share, abs=0.02)


def test_a_missed_day_is_spread_over_the_days_to_come() -> None:
    pacer = ForecastPacer([plan("c", 300, days=3, tv=1.0)], EVEN)
    assert pacer.day_goal("c", MIDNIGHT) == pytest.approx(100)
    assert pacer.day_goal("c", MIDNIGHT + DAY) == pytest.approx(150)


def test_a_pacer_made_from_the_counters_says_what_the_one_before_it_said() -> None:
    """A kill, or a second worker: all that is remembered are counts."""
    plans = [plan("a", 200, days=2, tv=0.7, smartphone=0.3), plan("b", 90, tv=1.0)]
    one, other = ForecastPacer(plans, EVENING), ForecastPacer(plans, EVENING)
    given = serve(one, ["a", "b"], chances(150, 0, 15) + chances(30, 15, 16, "smartphone"))
    other.restore([Delivered(name, device, MIDNIGHT, number) for (name, device), number in given.items()])
    for hour in (16, 20, 23, 30, 47):
        at = MIDNIGHT + timedelta(hours=hour)
        assert [one.weight(*key, at) for key in given] == [other.weight(*key, at) for key in given]


def test_nobody_is_given_more_than_was_booked_nor_outside_the_flight() -> None:
    pacer = ForecastPacer([plan("c", 3, tv=0.5, smartphone=0.5)], EVEN)
    everything = sorted(chances(500) + chances(500, device_class="smartphone"))
    assert sum(serve(pacer, ["c"], everything).values()) == 3
    assert pacer.weight("c", "tv", MIDNIGHT - timedelta(seconds=1)) == 0
    assert pacer.weight("c", "tv", MIDNIGHT + DAY) == 0
    assert pacer.weight("c", "tablet", MIDNIGHT) == pacer.weight("unknown", "tv", MIDNIGHT) == 0


def test_a_weight_is_a_share_and_grows_with_what_is_missing() -> None:
    weights = []
    for delivered in (0, 20, 40, 60):
        pacer = ForecastPacer([plan("c", 100, tv=1.0)], EVEN)
        pacer.restore([Delivered("c", "tv", MIDNIGHT, delivered)])
        weights.append(pacer.weight("c", "tv", MIDNIGHT + timedelta(hours=12)))
    assert 1 >= weights[0] > weights[1] > weights[2] > weights[3] == 0


def test_what_was_given_back_is_due_again() -> None:
    pacer = ForecastPacer([plan("c", 1, tv=1.0)], EVEN)
    evening = MIDNIGHT + timedelta(hours=20)
    pacer.count("c", "tv", evening)
    assert pacer.weight("c", "tv", evening) == 0
    pacer.count("c", "tv", evening, -1)
    assert pacer.weight("c", "tv", evening) > 0


def test_the_forecast_is_the_same_hour_of_earlier_weeks_and_follows_newer_ones() -> None:
    past = [
        TrafficHour(MIDNIGHT - timedelta(hours=back), "tv", (30.0 if back > HOURS else 60.0) * (1 + (back % 24 == 4)))
        for back in range(1, 2 * HOURS + 1)
    ]
    forecast = TrafficForecast.learned(past, MIDNIGHT)
    eight = forecast.between("tv", MIDNIGHT + timedelta(hours=20), MIDNIGHT + timedelta(hours=21))
    seven = forecast.between("tv", MIDNIGHT + timedelta(hours=19), MIDNIGHT + timedelta(hours=20))
    assert eight == pytest.approx(2 * seven)
    assert 45 < seven < 60, "nearer to the newer week"
    assert not forecast.has_traffic("tablet")
    assert forecast.between("tv", MIDNIGHT, MIDNIGHT + 2 * 7 * DAY) == pytest.approx(2 * forecast.sums["tv"][-1])


def test_with_no_past_delivery_is_even() -> None:
    forecast = TrafficForecast.learned([], MIDNIGHT)
    assert forecast.between("tv", MIDNIGHT, MIDNIGHT + DAY / 2) == pytest.approx(12)
