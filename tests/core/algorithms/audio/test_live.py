"""AD-4, AD-7: live is the same detector, a few seconds behind."""

import numpy as np
import pytest

from core.algorithms.audio.detection import hear, segments
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.frames import SAMPLE_RATE
from core.algorithms.audio.live import LiveDetector, Verdict
from tests.chance_detector import chance_bundle, noise


@pytest.fixture(scope="module")
def bundle() -> DetectorBundle:
    return chance_bundle()


def verdicts(bundle: DetectorBundle, sound: np.ndarray, chunk: int, look_ahead: float = 4.0) -> list[Verdict]:
    detector = LiveDetector(bundle, look_ahead)
    said = [verdict for at in range(0, len(sound), chunk) for verdict in detector.push(sound[at : at + chunk])]
    return said + detector.finish()


def test_every_second_has_one_verdict_in_order(bundle: DetectorBundle) -> None:
    said = verdicts(bundle, noise(1, 30.0), SAMPLE_RATE)
    assert [each.at_s for each in said] == [float(second) for second in range(30)]


def test_a_verdict_comes_when_the_look_ahead_is_heard(bundle: DetectorBundle) -> None:
    detector = LiveDetector(bundle, 10.0)
    early = detector.push(noise(1, 9.0))
    late = detector.push(noise(2, 4.0))
    assert early == []
    assert [each.at_s for each in late] == [0.0, 1.0]


def test_a_known_spot_is_named_while_it_runs(bundle: DetectorBundle) -> None:
    said = verdicts(bundle, np.concatenate([noise(1, 15), noise(9, 20), noise(2, 15)]), SAMPLE_RATE, 10.0)
    named = [each.at_s for each in said if each.spot_id == "spot-9"]
    assert set(range(18, 33)) <= set(map(int, named)) <= set(range(15, 35))


def test_a_recording_heard_at_once_names_the_spot_from_border_to_border(bundle: DetectorBundle) -> None:
    sound = np.concatenate([noise(1, 15), noise(9, 20), noise(2, 15)])
    stretches = segments(bundle, hear(bundle, [sound]))
    (spot,) = [each for each in stretches if each.spot_id]
    assert (spot.start_s, spot.end_s) == (pytest.approx(15, abs=0.3), pytest.approx(35, abs=0.3))
    assert stretches[0].start_s == 0
    assert stretches[-1].end_s == pytest.approx(50, abs=0.01)


def test_an_empty_recording_has_no_segments(bundle: DetectorBundle) -> None:
    assert verdicts(bundle, noise(1, 0), SAMPLE_RATE) == []
