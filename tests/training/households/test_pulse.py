"""HH-3: readers can tell whether anybody takes up what happens."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from core.settings import Settings
from serving.households.liveness import liveness
from training.households import pulse

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_it_beats_while_the_consumer_runs_and_is_gone_when_it_ended_in_order(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "PULSE_SECONDS", 0.001)
    file = settings.paths.household_pulse
    with pulse.beating(settings.paths):
        os.utime(file, (0, 0))
        while file.stat().st_mtime == 0:  # until the next beat
            pass
        assert liveness(settings.paths, datetime.now(UTC))["is_live"]
    assert not file.exists()
    assert not liveness(settings.paths, NOW)["is_live"]


def test_a_killed_ones_pulse_ages(settings: Settings) -> None:
    file = settings.paths.household_pulse
    file.parent.mkdir(parents=True)
    file.touch()
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    assert liveness(settings.paths, NOW + timedelta(seconds=9))["is_live"]
    assert not liveness(settings.paths, NOW + timedelta(seconds=11))["is_live"]
