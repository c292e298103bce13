"""Whether the stated confidence is right: verdicts by the confidence they state (AD-4)."""

from pathlib import Path

from core.algorithms.audio.live import Verdict
from training.ad_detection.corpus import Corpus, Segment
from training.ad_detection.live_figures import reliability


def test_bins_tell_stated_confidence_beside_the_share_that_was_right() -> None:
    truth = (Segment("a.wav", 0, 10, "talk", None),)
    said = [Verdict(float(at), "talk" if at >= 5 else "ad", 0.4 + at / 20, None, (0.3, 0.4, 0.3)) for at in range(12)]
    bins = reliability(Corpus(Path(), {"a.wav": truth}), {"a.wav": said})
    assert sum(each["count"] for each in bins) == 10, "what nobody labelled does not count"
    assert [each["accuracy"] for each in bins] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert bins[0]["confidence"] == 0.425
    assert bins[-1]["confidence"] == 0.825
