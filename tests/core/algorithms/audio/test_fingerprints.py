"""AD-3: a known spot is found again, however it was sent; other sound is not."""

from pathlib import Path

import numpy as np
import pytest

from core.algorithms.audio.fingerprint_index import Clip, FingerprintIndex
from core.algorithms.audio.frames import FRAMES_A_SECOND, SAMPLE_RATE, SpectrumStream
from core.algorithms.audio.landmarks import Landmarks, LandmarkStream, landmarks
from tests.core.algorithms.audio.tunes import tune


def marks(sound: np.ndarray) -> Landmarks:
    spectra = SpectrumStream()
    return landmarks(np.concatenate([spectra.push(sound), spectra.finish()]))


@pytest.fixture(scope="module")
def index() -> FingerprintIndex:
    clips = {Clip(f"spot-{seed}", "ad", 20 * FRAMES_A_SECOND): marks(tune(seed, 20)) for seed in range(4)}
    return FingerprintIndex.build(clips)


def broadcast(cut: np.ndarray) -> np.ndarray:
    return np.concatenate([tune(90, 15), cut, tune(91, 15)])


def test_a_spot_is_found_where_it_runs(index: FingerprintIndex) -> None:
    (match,) = index.matches(marks(broadcast(tune(2, 20))))
    assert match.clip.clip_id == "spot-2"
    assert match.start_s == pytest.approx(15, abs=0.1)
    assert match.end_s == pytest.approx(35, abs=0.1)


@pytest.mark.parametrize("damage", ["quiet", "loud", "noise", "faster"])
def test_ten_seconds_are_enough_after_damage(index: FingerprintIndex, damage: str) -> None:
    cut = tune(1, 20)[4 * SAMPLE_RATE : 14 * SAMPLE_RATE]
    rng = np.random.default_rng(3)
    damaged = {
        "quiet": cut * np.float32(0.5),
        "loud": np.clip(cut * 2, -1, 1).astype(np.float32),
        "noise": (cut + rng.normal(0, cut.std() / 10, len(cut))).astype(np.float32),
        "faster": np.interp(np.arange(0, len(cut) - 1, 1.01), np.arange(len(cut)), cut).astype(np.float32),
    }[damage]
    (match,) = index.matches(marks(broadcast(damaged)))
    assert match.clip.clip_id == "spot-1"
    assert match.start_s == pytest.approx(11, abs=0.3), "the spot began before it was cut"


def test_sound_that_is_not_on_the_list_matches_nothing(index: FingerprintIndex) -> None:
    assert index.matches(marks(tune(50, 60))) == []


def test_landmarks_do_not_depend_on_chunks() -> None:
    sound = tune(5, 20)
    spectra, stream = SpectrumStream(), LandmarkStream()
    parts = [stream.push(spectra.push(sound[start : start + 30_000])) for start in range(0, len(sound), 30_000)]
    parts += [stream.push(spectra.finish()), stream.finish()]
    streamed = np.sort(np.concatenate([part.hashes * 10_000 + part.frames for part in parts]))
    whole = marks(sound)
    assert np.array_equal(streamed, np.sort(whole.hashes * 10_000 + whole.frames))


def test_an_index_read_back_is_the_same(index: FingerprintIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "hotlist.npz")
    again = FingerprintIndex.load(tmp_path / "hotlist.npz")
    assert again.clips == index.clips
    assert np.array_equal(again.entries, index.entries)


def test_an_empty_list_matches_nothing() -> None:
    assert FingerprintIndex.build({}).matches(marks(tune(1, 5))) == []
