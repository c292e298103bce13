"""AD-5: what a station plays twice is found by itself, with its ends."""

import numpy as np
import pytest

from core.algorithms.audio.frames import SpectrumStream
from core.algorithms.audio.landmarks import landmarks
from core.algorithms.audio.repetitions import Repetition, repetitions
from tests.core.algorithms.audio.tunes import tune

pytestmark = pytest.mark.slow


def found_in(*parts: np.ndarray) -> list[Repetition]:
    sound = np.concatenate(parts)
    noise = np.random.default_rng(7).normal(0, 0.002, len(sound)).astype(np.float32)
    spectra = SpectrumStream()
    return repetitions(landmarks(np.concatenate([spectra.push(sound + noise), spectra.finish()])))


def test_a_spot_played_three_times_is_one_sound_with_its_ends() -> None:
    spot = tune(1, 20)
    found = found_in(tune(2, 50), spot, tune(3, 70), 0.5 * spot, tune(4, 80), 1.3 * spot, tune(5, 20))
    assert len(found) == 1
    np.testing.assert_allclose(found[0].starts_s, [50, 140, 240], atol=0.3)
    assert abs(found[0].length_s - 20) <= 0.3


def test_sound_without_repetition_has_none() -> None:
    assert found_in(tune(2, 150), tune(3, 60)) == []
