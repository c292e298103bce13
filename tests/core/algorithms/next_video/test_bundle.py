"""The bundle: what training writes is what serving reads, or it is refused in one line."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.algorithms.next_video.bundle import Bundle, BundleError, size_bytes, write_bundle
from core.algorithms.next_video.untrained import untrained_model

VOCABULARY = ["film", "doku", "krimi", "show", "sport"]
CLASSES = {"tv": "tv", "smartphone": "all", "tablet": "all", "desktop": "all"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    models = [untrained_model(name, VOCABULARY, rng, width=8, max_length=6) for name in ("tv", "all")]
    write_bundle(tmp_path / "bundle", models, CLASSES, {"as_of": "2026-05-01T00:00:00+00:00"}, {"tv": {"rows": 9}})
    return tmp_path / "bundle"


def test_a_bundle_reads_back_with_the_same_scores(folder: Path) -> None:
    rng = np.random.default_rng(1)
    written = untrained_model("tv", VOCABULARY, rng, width=8, max_length=6)
    read = Bundle.load(folder).for_class("tv")
    assert read.vocabulary == tuple(VOCABULARY)
    assert read.row_of["krimi"] == 2
    np.testing.assert_array_equal(read.sequence_scores([0, 3]), written.sequence_scores([0, 3]))
    np.testing.assert_array_equal(read.similarity_scores(1, [0]), written.similarity_scores(1, [0]))


def test_nv_t1_a_class_with_too_little_data_is_served_by_the_model_of_all(folder: Path) -> None:
    bundle = Bundle.load(folder)
    assert bundle.for_class("tv").name == "tv"
    assert bundle.for_class("tablet").name == "all"
    assert bundle.manifest["classes"] == CLASSES


def test_the_manifest_says_what_the_models_are(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["as_of"] == "2026-05-01T00:00:00+00:00"
    entry = manifest["models"]["tv"]
    arrays = [np.load(file) for file in (folder / "tv").glob("*.npy")]
    assert (entry["rows"], entry["items"]) == (9, 5)
    assert entry["parameters"] == sum(array.size for array in arrays)


def test_a_bundle_holds_arrays_and_json_and_nothing_pickled(folder: Path) -> None:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".json", ".npy"}
    assert size_bytes(folder) == sum(len(file.read_bytes()) for file in files)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "manifest.json"),
        (lambda folder: (folder / "tv" / "items.npy").write_bytes(b"\x93NUMPY"), "no bundle"),
        (lambda folder: (folder / "tv" / "vocabulary.json").write_text('["a", "b"]'), "2 items"),
        (lambda folder: (folder / "tv" / "vocabulary.json").write_text('["a", "a", "b", "c", "d"]'), "vocabulary"),
        (lambda folder: np.save(folder / "tv" / "item_bias.npy", np.full(5, np.nan, np.float32)), "finite"),
        (lambda folder: (folder / "manifest.json").write_text('{"format_version": 99}'), "format 99"),
    ],
    ids=["no manifest", "torn array", "short vocabulary", "a doubled id", "not a number", "another format"],
)
def test_a_damaged_bundle_is_refused_in_one_line(folder: Path, damage, message: str) -> None:
    damage(folder)
    with pytest.raises(BundleError, match=message):
        Bundle.load(folder)


def test_a_pickled_array_is_never_loaded(folder: Path) -> None:
    np.save(folder / "tv" / "items.npy", np.array([{"code": "evil"}], dtype=object), allow_pickle=True)
    with pytest.raises(BundleError, match="no bundle"):
        Bundle.load(folder)


def test_a_manifest_that_serves_a_class_from_a_missing_model_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["classes"]["tv"] = "radio"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="radio"):
        Bundle.load(folder)


def test_a_bundle_of_an_empty_vocabulary_loads(tmp_path: Path) -> None:
    write_bundle(tmp_path, [untrained_model("all", [], np.random.default_rng(1), width=8)], {"tv": "all"})
    bundle = Bundle.load(tmp_path)
    bundle.warm_up()
    assert bundle.for_class("tv").vocabulary == ()
