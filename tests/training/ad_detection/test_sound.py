"""What is synthetic is said so: the origin of a corpus as its composer words it (AD-1), hours by class."""

from pathlib import Path

import pytest

from training.ad_detection.composer.compose import _origin
from training.ad_detection.corpus import Corpus, Segment
from training.ad_detection.sound import sound_of


def corpus(folder: Path) -> Corpus:
    parts = (Segment("a.wav", 0, 1800, "ad", "s1"), Segment("a.wav", 1800, 9000, "talk", None))
    return Corpus(folder, {"a.wav": parts})


@pytest.mark.parametrize(
    ("recordings", "share", "expected"),
    [(None, 1.0, ("synthetic", 0.0)), (Path("r"), 1.0, ("recorded", 1.0)), (Path("r"), 0.65, ("mixed", 0.65))],
)
def test_a_composed_corpus_tells_how_much_of_it_was_recorded(
    tmp_path: Path, recordings: Path | None, share: float, expected: tuple[str, float]
) -> None:
    (tmp_path / "ORIGIN.txt").write_text(_origin("train", 1, recordings, share))
    found = sound_of(corpus(tmp_path))
    assert (found["origin"], found["recorded_share"]) == expected
    assert found["hours"] == {"ad": 0.5, "talk": 2.0, "music": 0.0}


def test_a_folder_of_ones_own_claims_nothing(tmp_path: Path) -> None:
    assert sound_of(corpus(tmp_path))["origin"] == "own"
    assert sound_of(corpus(tmp_path), is_corrected=True)["origin"] == "corrections"
