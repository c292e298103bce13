"""AD-7, AD-10: ``ad-detection detect`` on files and streams, with a net by chance and a real hotlist."""

import json
import wave
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from core.algorithms.audio.detector_bundle import DetectorBundle, served
from core.audio_decoding import SAMPLE_RATE
from core.errors import StageError, UserError
from serving.ad_detection.detect import detect
from serving.ad_detection.live import follow
from tests.chance_detector import chance_bundle, noise


@pytest.fixture(scope="module")
def bundle() -> DetectorBundle:
    return chance_bundle()


def wav(file: Path, sound: np.ndarray) -> Path:
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(SAMPLE_RATE)
        opened.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return file


def test_an_answer_covers_the_file_without_gaps_and_names_the_known_spot(
    bundle: DetectorBundle, tmp_path: Path
) -> None:
    file = wav(tmp_path / "a.wav", np.concatenate([noise(1, 12), noise(9, 20), noise(2, 8)]))
    (answer,) = detect(bundle, [file])
    assert json.loads(json.dumps(answer)) == answer
    assert set(answer) == {"file", "duration_s", "segments", "realtime_factor"}
    stretches = answer["segments"]
    assert stretches[0]["start_s"] == 0
    assert stretches[-1]["end_s"] == pytest.approx(40, abs=0.01)
    assert all(before["end_s"] == after["start_s"] for before, after in pairwise(stretches))
    assert [each["spot_id"] for each in stretches if each["spot_id"]] == ["spot-9"]


def test_a_truncated_file_is_answered_with_a_word(bundle: DetectorBundle, tmp_path: Path) -> None:
    file = wav(tmp_path / "a.wav", noise(1, 12))
    file.write_bytes(file.read_bytes()[:200_000])
    (answer,) = detect(bundle, [file])
    assert "truncated" in answer["warning"]


def test_a_mistake_in_the_last_file_is_told_before_the_first_is_heard(bundle: DetectorBundle, tmp_path: Path) -> None:
    files = [wav(tmp_path / "a.wav", noise(1, 1)), tmp_path / "none.wav"]
    with pytest.raises(UserError, match="does not exist"):
        next(detect(bundle, files))


def test_without_a_detector_the_command_to_make_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="mediathek ad-detection train"):
        served(tmp_path / "none")


def test_a_damaged_detector_is_named(bundle: DetectorBundle, tmp_path: Path) -> None:
    bundle.write(tmp_path)
    assert served(tmp_path).hotlist.clips == bundle.hotlist.clips
    whole = (tmp_path / "weights.npz").read_bytes()
    (tmp_path / "weights.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StageError, match="no detector"):
        served(tmp_path)


def test_a_stream_that_breaks_off_is_opened_again(bundle: DetectorBundle, tmp_path: Path) -> None:
    stream = wav(tmp_path / "a.wav", noise(1, 6)).as_uri()
    waits: list[float] = []
    said = list(islice(follow(bundle, stream, 4.0, wait=waits.append), 9))
    assert [each.at_s for each in said] == [float(second) for second in range(9)]
    assert waits, "six seconds of sound give nine verdicts only by a second connection"


def test_a_stream_that_never_speaks_ends_with_a_word(bundle: DetectorBundle, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no sound"):
        list(follow(bundle, (tmp_path / "none.wav").as_uri(), 4.0, most_tries=2, wait=lambda _: None))


def test_the_look_ahead_is_that_of_a_players_buffer(bundle: DetectorBundle) -> None:
    with pytest.raises(UserError, match="4 to 30"):
        next(follow(bundle, "-", 60.0))
