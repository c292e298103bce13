"""AD-9: the figures tell which kind of content is taken for what, and where."""

from pathlib import Path

import pytest

from core.errors import UserError
from training.ad_detection.corpus import Segment
from training.ad_detection.kinds import KindStretch, by_kind, examples, read_kinds, write_kinds


def stretch(start: float, end: float, label: str) -> Segment:
    return Segment("a", start, end, label, None)  # type: ignore[arg-type]


TRUTH = {"a": [stretch(0, 10, "talk"), stretch(10, 40, "music")]}
SAID = {"a": [stretch(0, 8, "talk"), stretch(8, 16, "ad"), stretch(16, 40, "music")]}
KINDS = {
    "a": [
        KindStretch("a", 0, 10, "phone-in"),
        KindStretch("a", 10, 15, "talk-over-intro"),
        KindStretch("a", 15, 40, "music-rap"),
    ]
}


def test_seconds_are_counted_by_kind_and_by_what_they_were_taken_for() -> None:
    found = by_kind(TRUTH, SAID, KINDS)
    assert found["phone-in"] == {
        "seconds": 10.0,
        "frame_accuracy": 0.8,
        "wrong_as": {"ad": 2.0, "talk": 0.0, "music": 0.0},
    }
    assert found["talk-over-intro"]["frame_accuracy"] == 0.0
    assert found["music-rap"]["wrong_as"]["ad"] == 1.0


def test_the_longest_error_comes_first_with_its_kind() -> None:
    assert examples(TRUTH, SAID, KINDS) == [
        {"file": "a", "start_s": 10.0, "end_s": 16.0, "truth": "music", "said": "ad", "kind": "talk-over-intro"},
        {"file": "a", "start_s": 8.0, "end_s": 10.0, "truth": "talk", "said": "ad", "kind": "phone-in"},
    ]


def test_a_corpus_without_kinds_has_no_figures_by_kind(tmp_path: Path) -> None:
    assert read_kinds(tmp_path) == {}
    assert by_kind(TRUTH, SAID, {}) == {}
    assert examples(TRUTH, SAID, {})[0]["kind"] is None


def test_kinds_written_are_kinds_read(tmp_path: Path) -> None:
    write_kinds(tmp_path, KINDS["a"])
    assert read_kinds(tmp_path) == {"a": tuple(KINDS["a"])}


def test_a_damaged_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "kinds.csv").write_text("file,start_s,end_s,kind\na,0,ten,ident\n")
    with pytest.raises(UserError, match=r"kinds.csv row 2"):
        read_kinds(tmp_path)
