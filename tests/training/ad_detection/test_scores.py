"""The contract's figures of ad detection, by hand."""

import pytest

from training.ad_detection.corpus import Segment
from training.ad_detection.scores import border_errors, confusion_of, figures


def stretch(start: float, end: float, label: str) -> Segment:
    return Segment("a", start, end, label, None)  # type: ignore[arg-type]


TRUTH = [stretch(0, 10, "talk"), stretch(10, 20, "ad"), stretch(20, 40, "music")]


def test_a_border_two_seconds_late_costs_twenty_frames() -> None:
    said = [stretch(0, 12, "talk"), stretch(12, 20, "ad"), stretch(20, 40, "music")]
    report = figures(confusion_of(TRUTH, said), border_errors(TRUTH, said))
    assert report["frame_accuracy"] == 0.95
    assert report["confusion"]["ad"] == {"ad": 80, "talk": 20, "music": 0}
    assert report["f1"]["ad"] == pytest.approx(2 * 80 / 180, abs=1e-4)
    assert report["boundary_error_s"] == 1.0


def test_time_that_nobody_labelled_does_not_count() -> None:
    report = figures(confusion_of([stretch(5, 10, "ad")], [stretch(0, 40, "ad")]), [])
    assert report["frame_accuracy"] == 1.0
    assert report["boundary_error_s"] is None


def test_time_that_was_not_detected_is_wrong() -> None:
    assert figures(confusion_of([stretch(0, 10, "ad")], [stretch(0, 5, "ad")]), [])["frame_accuracy"] == 0.5
