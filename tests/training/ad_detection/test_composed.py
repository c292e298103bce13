"""Composed corpora are kept for the next night; one that was killed while it was made is made anew."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import StageError
from core.settings import Settings
from training.ad_detection import composed
from training.ad_detection.corpus import Corpus, Segment, read_corpus, write_truth


def test_it_is_composed_once_and_again_after_a_kill_or_another_wish(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[float] = []

    def stand_in(folder: Path, hours: float, *_: Any) -> Corpus:
        """Composing takes minutes; only when it is asked for matters here."""
        made.append(hours)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.wav").touch()
        write_truth(folder, [Segment("a.wav", 0, 10, "ad", "s")])
        if len(made) == 1:
            raise StageError("killed after its truth was written")
        return read_corpus(folder)

    monkeypatch.setattr(composed, "compose", stand_in)
    with pytest.raises(StageError):
        composed.unheard_stations(settings, 1.0)
    for hours in (1.0, 1.0, 2.0):
        assert composed.unheard_stations(settings, hours).files.keys() == {"a.wav"}
    assert made == [1.0, 1.0, 2.0]
