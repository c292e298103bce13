"""AD-6: what people corrected becomes what is learned from, with its provenance."""

import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE
from core.contracts.ad_detection import recordings
from core.contracts.ad_labels import Correction, LabelledStretch, labels_folder, write_correction
from core.paths import Paths
from tests.chance_detector import chance_bundle, noise
from training.ad_detection.corpus import Corpus, Segment
from training.ad_detection.corrections import compared, corrected, joined, mark_of, provenance, wrong_seconds
from training.ad_detection.hotlist import hotlist_of

START = datetime(2026, 5, 1, 11, tzinfo=UTC)
NAME = "radio-eins/20260501T110000Z.wav"


def kept(paths: Paths, seconds: float = 40.0) -> Path:
    file = recordings(paths) / NAME
    file.parent.mkdir(parents=True)
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(SAMPLE_RATE)
        sound = np.concatenate([noise(9, 20), noise(3, seconds - 20)])
        opened.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    file.with_suffix(".json").write_text(f'{{"duration_s": {seconds}}}')
    return file


def say(paths: Paths, name: str, minute: int, *stretches: LabelledStretch, recording: str | None = NAME) -> None:
    at = START + timedelta(minutes=minute)
    zero = START if recording else START + timedelta(seconds=20)
    said = Correction(name, "radio-eins", recording, zero, stretches, "editor", at, "report-7")
    write_correction(labels_folder(paths), said)


def test_the_newer_word_holds_and_the_rest_of_the_older_one_stays(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    kept(paths)
    say(paths, "b", 1, LabelledStretch(0, 30, "talk"))
    say(paths, "a", 2, LabelledStretch(10, 20, "ad", "grill-a"))
    corpus = corrected(paths)
    assert corpus is not None
    assert [(each.start_s, each.end_s, each.label) for each in corpus.files[NAME]] == [
        (0, 10, "talk"), (10, 20, "ad"), (20, 30, "talk"),
    ]  # fmt: skip
    before = mark_of(corpus)
    say(paths, "a", 2, LabelledStretch(10, 21, "ad", "grill-a"))
    assert mark_of(corrected(paths)) != before
    assert {each["report_id"] for each in provenance(paths)} == {"report-7"}


def test_a_correction_teaches_nothing_without_its_sound_and_learns_where_it_is_added(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    say(paths, "a", 1, LabelledStretch(0, 5, "talk"), recording=None)
    (labels_folder(paths) / "torn.json").write_text("{")
    assert corrected(paths) is None
    kept(paths)
    corpus = corrected(paths)
    assert corpus is not None
    assert [(each.start_s, each.end_s) for each in corpus.files[NAME]] == [(20, 25)]


def test_corrections_join_a_corpus_elsewhere_and_the_hotlist_knows_their_spots_and_their_music(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    file = kept(paths)
    say(paths, "a", 1, LabelledStretch(0, 20, "ad", "grill-a"), LabelledStretch(20, 40, "music"))
    whole = joined(Corpus(tmp_path / "corpus", {"x.wav": (Segment("x.wav", 0, 1, "talk", None),)}), corrected(paths))
    assert whole.path(str(file)) == file
    clips = hotlist_of(Corpus(whole.folder, {str(file): whole.files[str(file)]})).clips
    assert {(clip.clip_id, clip.label) for clip in clips} == {("grill-a", "ad"), ("known-a-1", "music")}


def test_false_and_missed_ads_are_counted_within_what_is_labelled_only() -> None:
    truth = [Segment("x", 0, 10, "ad", None), Segment("x", 20, 30, "talk", None)]
    said = [Segment("x", 0, 4, "talk", None), Segment("x", 4, 23, "ad", None), Segment("x", 23, 40, "talk", None)]
    assert wrong_seconds(truth, said) == (3.0, 4.0)


def test_figures_of_the_version_before_stand_beside_the_new_ones(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    kept(paths)
    say(paths, "a", 1, LabelledStretch(0, 20, "ad", "spot-9"))
    corpus = corrected(paths)
    assert corpus is not None
    bundle = chance_bundle()
    figures = compared(corpus, bundle, bundle)
    assert figures["corrections.seconds"] == 20
    assert figures["corrections.before.missed_ad_s"] == figures["corrections.after.missed_ad_s"]
    assert "corrections.before.false_ad_s" not in compared(corpus, None, bundle)
