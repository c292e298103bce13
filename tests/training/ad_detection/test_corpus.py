"""AD-1: a corpus of one's own; every mistake in it has a clear word."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from training.ad_detection.corpus import Segment, labels_at, read_corpus, unlabelled, write_truth

HEAD = "file,start_s,end_s,label,spot_id\n"


def corpus(folder: Path, rows: str, head: str = HEAD) -> Path:
    (folder / "a.wav").write_bytes(b"sound")
    (folder / "segments.csv").write_text(head + rows)
    return folder


def test_segments_come_in_the_order_of_time(tmp_path: Path) -> None:
    read = read_corpus(corpus(tmp_path, "a.wav,10,20,ad,s1\na.wav,0,10,talk,\n"))
    assert [(each.label, each.spot_id) for each in read.files["a.wav"]] == [("talk", None), ("ad", "s1")]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ("a.wav,0,10,talk,\na.wav,9,20,ad,\n", "overlap"),
        ("b.wav,0,10,talk,\n", "b.wav is named in segments.csv but missing"),
        ("a.wav,0,10,advert,\n", "label 'advert' is unknown"),
        ("a.wav,10,10,ad,\n", "must end after it starts"),
        ("a.wav,0,nan,ad,\n", "must end after it starts"),
        ("a.wav,zero,10,ad,\n", "must be seconds"),
        (",0,10,ad,\n", "file is empty"),
        ("", "has no segments"),
    ],
)
def test_a_mistake_is_named_in_one_line(tmp_path: Path, rows: str, word: str) -> None:
    with pytest.raises(UserError, match=word) as raised:
        read_corpus(corpus(tmp_path, rows))
    assert "\n" not in str(raised.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="lacks the column label"):
        read_corpus(corpus(tmp_path, "a.wav,0,10\n", "file,start_s,end_s\n"))


def test_a_folder_without_truth_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="ad-detection compose"):
        read_corpus(tmp_path)


def test_what_nobody_labelled_has_no_label() -> None:
    segments = [Segment("a", 1, 2, "ad", None), Segment("a", 3, 4, "music", None)]
    assert labels_at(segments, np.array([0.5, 1.0, 2.0, 3.9])).tolist() == [-1, 0, -1, 2]


def test_truth_written_is_truth_read(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"sound")
    segments = [Segment("a.wav", 0.0, 1.5, "talk", None), Segment("a.wav", 1.5, 9.25, "ad", "s")]
    write_truth(tmp_path, segments)
    assert list(read_corpus(tmp_path).files["a.wav"]) == segments


def test_what_is_missing_is_told_and_not_learned(tmp_path: Path) -> None:
    """A corpus with missing segments: a clear word, then it goes on with what is labelled."""
    folder = corpus(tmp_path, "a.wav,0,10,ad,s1\na.wav,10.2,20,talk,\na.wav,25,30,music,\n")
    (tmp_path / "b.wav").touch()
    gap, bare = unlabelled(read_corpus(folder))
    assert "in a.wav 5.0 s have no segment" in gap
    assert "20.00-25.00" in gap
    assert "1 audio files are named nowhere" in bare
    assert "b.wav" in bare
