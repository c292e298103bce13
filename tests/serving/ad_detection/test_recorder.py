"""AD-6: recordings go when they are old, but not those that a person has labelled."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from core.audio_decoding import SAMPLE_RATE
from serving.ad_detection.recorder import Recorder

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_old_recordings_go_and_labelled_ones_stay(tmp_path: Path) -> None:
    folder = tmp_path / "radio-eins"
    folder.mkdir()
    for name in ("20260430T080000Z", "20260430T090000Z", "20260501T113000Z"):
        (folder / f"{name}.ogg").write_bytes(b"sound")
        (folder / f"{name}.json").write_text("{}", encoding="utf-8")
    kept: list[Path] = []
    recorder = Recorder(
        tmp_path, "radio-eins", timedelta(hours=2), lambda file, *_: kept.append(file),
        lambda: {"radio-eins/20260430T080000Z.ogg"},
    )  # fmt: skip
    recorder.push(np.zeros(SAMPLE_RATE, dtype=np.float32), NOW, is_first=True)
    recorder.close()
    assert [file.name for file in kept] == ["20260501T120000Z.ogg"]
    assert sorted(file.name for file in folder.iterdir()) == [
        "20260430T080000Z.json", "20260430T080000Z.ogg",
        "20260501T113000Z.json", "20260501T113000Z.ogg", "20260501T120000Z.ogg",
    ]  # fmt: skip
