"""NV-M2: when an experiment is looked at, and the sums of every look against the plainest way to add them up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from core.algorithms.experiments import Experiment
from core.domain import DEVICE_CLASSES
from monitoring.experiments.looks import ALL_CLASSES, days_at, days_before, look_times, moments, pick
from monitoring.experiments.units import Units


def experiment(**changes: Any) -> Experiment:
    arms = [{"name": "control", "share": 0.5}, {"name": "treatment", "share": 0.5}]
    return Experiment.model_validate(
        {
            "name": "blend", "version": 1, "use_case": "next-video", "owner": "me", "hypothesis": "more",
            "start": "2026-05-01T10:00:00+02:00", "end": "2026-05-15T10:00:00+02:00", "arms": arms,
            "primary_metric": "viewing_volume",
        } | changes
    )  # fmt: skip


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def test_looks_are_midnights_and_the_end_whoever_asks_when() -> None:
    each = experiment()
    assert look_times(each, at(1, 9)) == []
    assert look_times(each, at(3, 7)) == look_times(each, at(3, 23)) == [at(2), at(3)]
    assert look_times(each, at(20)) == [*(at(day) for day in range(2, 16)), at(15, 8)]
    assert days_at(each, [at(2)])[0] == pytest.approx(16 / 24)


def test_a_long_experiment_has_at_most_a_hundred_looks_and_a_stopped_one_ends_when_it_was_stopped() -> None:
    long = experiment(end="2027-12-31T00:00:00Z")
    times = look_times(long, datetime(2028, 1, 1, tzinfo=UTC))
    assert 80 < len(times) <= 101
    assert times[:2] == [at(8), at(15)]
    stopped = experiment(stopped="2026-05-04T12:00:00Z")
    assert look_times(stopped, at(20)) == [at(2), at(3), at(4), at(4, 12)]


def test_days_that_are_only_shown_are_the_last_midnights_after_the_start() -> None:
    assert days_before(experiment(), at(3, 7)) == [at(3), at(2)]
    assert len(days_before(experiment(end="2027-12-31T00:00:00Z"), at(1) + timedelta(days=200))) == 28


def test_sums_are_those_of_adding_up_unit_by_unit() -> None:
    rng = np.random.default_rng(8)
    count, playbacks = 60, 400
    whose = rng.integers(count, size=playbacks)
    first_at = rng.uniform(0, 10, count)
    units = Units(
        arm=rng.integers(2, size=count),
        device_class=rng.integers(-1, len(DEVICE_CLASSES), size=count),
        first_at=first_at,
        pace=rng.gamma(2, 50, count),
        shown_count=np.ones(count),
        overall_s=np.zeros(count),
        followed_s=np.zeros(count),
        played_unit=whose,
        played_at=first_at[whose] + rng.uniform(0, 5, playbacks),
        played_s=rng.gamma(1, 100, playbacks),
    )
    days = np.array([0.5, 3.0, 7.25, 14.0])
    found = moments(units, 2, days)
    for look, day in enumerate(days):
        for place in range(ALL_CLASSES + 1):
            for arm in (0, 1):
                sums = np.zeros(6)
                for unit in range(count):
                    is_here = place in (ALL_CLASSES, units.device_class[unit])
                    if units.arm[unit] != arm or units.first_at[unit] >= day or not is_here:
                        continue
                    y = units.played_s[(whose == unit) & (units.played_at < day)].sum()
                    x = units.pace[unit] * (day - units.first_at[unit])
                    sums += [1, y, x, y * y, x * x, x * y]
                one = pick(found, place, arm)
                got = [getattr(one, name)[look] for name in ("count", "y", "x", "yy", "xx", "xy")]
                assert got == pytest.approx(sums.tolist())
