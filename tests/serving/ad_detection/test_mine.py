"""AD-5: what a station repeats becomes a candidate for a person, once; known music does not."""

import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.algorithms.audio.fingerprint_index import Clip, FingerprintIndex
from core.algorithms.audio.frames import FRAMES_A_SECOND, SAMPLE_RATE
from core.contracts.ad_labels import reports_file
from core.errors import UserError
from core.settings import Settings
from serving.ad_detection.mine import files_of, landmarks_of, mine, propose
from serving.ad_detection.reports import Reports
from tests.core.algorithms.audio.tunes import tune

pytestmark = pytest.mark.slow

BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOTHING_KNOWN = FingerprintIndex.build({})


def written(file: Path, *parts: np.ndarray) -> Path:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes((np.concatenate(parts) * 32_000).astype("<i2").tobytes())
    return file


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """Two files that follow each other: a spot of 20 s in both, a song of 40 s in both."""
    folder = tmp_path / "day"
    folder.mkdir()
    spot, song = tune(1, 20), tune(9, 40)
    written(folder / "1.wav", tune(2, 10), spot, song, tune(3, 20))
    written(folder / "2.wav", tune(4, 10), song, tune(5, 30), spot, tune(6, 10))
    return folder


def test_repetitions_across_files_are_proposed_once_and_known_music_is_not(day: Path, settings: Settings) -> None:
    known = {Clip("song", "music", 40 * FRAMES_A_SECOND): landmarks_of([written(day.parent / "song.wav", tune(9, 40))])}
    found = mine(files_of([day]), FingerprintIndex.build(known))
    assert len(found) == 1
    assert found[0].starts_s == pytest.approx([10, 170], abs=0.5)
    assert found[0].length_s == pytest.approx(20, abs=0.5)
    assert len(mine(files_of([day]), NOTHING_KNOWN)) == 2

    for _ in range(2):
        assert propose(settings.paths, "radio-eins", BEGAN, found, BEGAN) == 1
    count, waiting = Reports(reports_file(settings.paths)).listed("open")
    assert (count, waiting[0]["station"], waiting[0]["origin"]) == (1, "radio-eins", "mining")


def test_a_known_spot_is_named_and_not_proposed(day: Path, settings: Settings) -> None:
    known = {Clip("spot-7", "ad", 20 * FRAMES_A_SECOND): landmarks_of([written(day.parent / "spot.wav", tune(1, 20))])}
    found = mine(files_of([day]), FingerprintIndex.build(known))
    assert {each.spot_id for each in found} == {"spot-7", None}
    assert propose(settings.paths, "radio-eins", BEGAN, found, BEGAN) == 1


def test_a_folder_without_sound_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no sound"):
        files_of([tmp_path])
