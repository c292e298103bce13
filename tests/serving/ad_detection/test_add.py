"""AD-6: a file kept as a recording, with its verdicts, levels and stretches beside it."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.contracts.ad_detection import recordings
from core.contracts.ad_recordings import recording_at
from core.errors import UserError
from core.paths import Paths
from serving.ad_detection.add import add_recording
from tests.chance_detector import chance_bundle, noise
from tests.serving.ad_detection.test_detect import wav

AT = datetime(2026, 5, 1, 11, tzinfo=UTC)


def test_a_recording_is_found_by_station_and_time_and_tells_each_second(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    file = wav(tmp_path / "a.WAV", np.concatenate([noise(1, 6), noise(9, 20), np.zeros(6 * 22050, dtype=np.float32)]))
    for _ in range(2):  # again: the same, once
        kept = add_recording(chance_bundle(), paths, file, "radio-eins", AT)
    heard = kept.heard()
    assert kept.name == "radio-eins/20260501T110000Z.wav"
    assert recording_at(recordings(paths), "radio-eins", AT.replace(second=31)) == kept
    assert recording_at(recordings(paths), "radio-eins", AT.replace(second=33)) is None
    assert [each["at"][17:19] for each in heard["verdicts"]] == [f"{second:02d}" for second in range(32)]
    assert {each["spot_id"] for each in heard["verdicts"][8:24]} == {"spot-9"}
    assert heard["verdicts"][3]["level_db"] == pytest.approx(-20, abs=1)
    assert heard["verdicts"][30]["level_db"] == -96
    assert len(heard["levels"]["db"]) == 320


def test_nothing_is_kept_of_a_file_without_sound(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    (tmp_path / "a.mp3").write_text("no sound")
    with pytest.raises(UserError, match="no sound"):
        add_recording(chance_bundle(), paths, tmp_path / "a.mp3", "radio-eins", AT)
    with pytest.raises(UserError, match="name"):
        add_recording(chance_bundle(), paths, tmp_path / "a.mp3", "../eins", AT)
    assert not recordings(paths).exists()
