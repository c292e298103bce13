"""AD-1 to AD-7 on a few composed minutes: compose, train a little, detect through the command line's own code."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.algorithms.audio.detector_bundle import served
from core.contracts.ad_detection import served_detector
from core.errors import StageError
from core.settings import Settings

pytestmark = pytest.mark.slow


def test_net_in_numpy_answers_as_keras_does() -> None:
    """AD-10: detection on the user's machine needs no TensorFlow, and says the same to 1e-5."""
    from core.algorithms.audio import detector_net
    from training.ad_detection import net

    model = net.build(3)
    frames = np.random.default_rng(0).normal(size=(2, net.frames_for(30), 64, 2)).astype(np.float32)
    model(frames, training=True)  # moves the batch normalisation off its start
    wanted = model(frames, training=False).numpy()
    weights = net.weights_of(model)
    found = [
        detector_net.window_probabilities(weights, detector_net.embeddings(weights, each)[None])[0] for each in frames
    ]
    assert np.abs(wanted - np.stack(found)).max() < 1e-5


def test_the_seeds_net_in_numpy_answers_as_keras_does_whatever_the_chunks() -> None:
    """AD-2: the baseline is kept runnable, without TensorFlow too."""
    from core.algorithms.audio.detector_net import MARGIN_FRAMES, step_stream
    from training.ad_detection import net, seed

    model = seed.build(3)
    frames = np.random.default_rng(0).normal(size=(1, net.frames_for(30), 64, 2)).astype(np.float32)
    frames[:, :MARGIN_FRAMES] = frames[:, -MARGIN_FRAMES:] = 0
    heard = frames[0, MARGIN_FRAMES:-MARGIN_FRAMES]
    stream = step_stream(seed.weights_of(model))
    found = [stream.push(heard[start : start + 37]) for start in range(0, len(heard), 37)]
    assert np.abs(model(frames).numpy()[0] - np.concatenate([*found, stream.finish()])).max() < 1e-5


def test_steps_do_not_depend_on_chunks() -> None:
    """AD-7: live, sound comes in small pieces; the net sees the same."""
    from core.algorithms.audio.detector_net import EmbeddingStream
    from training.ad_detection import net

    weights = net.weights_of(net.build(3))
    frames = np.random.default_rng(0).normal(size=(503, 64, 2)).astype(np.float32)
    whole, cut = EmbeddingStream(weights), EmbeddingStream(weights)
    at_once = np.concatenate([whole.push(frames), whole.finish()])
    pieces = [cut.push(frames[start : start + 37]) for start in range(0, len(frames), 37)]
    assert len(at_once) == 51
    assert np.allclose(at_once, np.concatenate([*pieces, cut.finish()]), atol=1e-5)


def test_a_composed_corpus_trains_a_detector_that_covers_a_file_without_gaps(
    settings: Settings, tmp_path: Path
) -> None:
    from serving.ad_detection.detect import detect
    from training.ad_detection.composer.compose import compose
    from training.ad_detection.config import DetectorConfig
    from training.ad_detection.evaluate import evaluate
    from training.ad_detection.run import make

    corpus = compose(tmp_path / "corpus", hours=0.05, seed=5, file_minutes=3)
    bundle = make(corpus, datetime(2026, 1, 2, tzinfo=UTC), DetectorConfig(epochs=2, batch_size=4))
    folder = served_detector(settings.paths)
    with pytest.raises(StageError, match="ad-detection train"):
        served(folder)
    bundle.write(folder)
    name = next(iter(corpus.files))
    (answer,) = detect(served(folder), [corpus.path(name)])
    assert json.loads(json.dumps(answer)) == answer
    stretches = answer["segments"]
    assert stretches[0]["start_s"] == 0
    assert stretches[-1]["end_s"] == pytest.approx(answer["duration_s"], abs=0.01)
    assert all(before["end_s"] == after["start_s"] for before, after in pairwise(stretches))
    known = {each.spot_id for each in corpus.files[name] if each.spot_id}
    assert {each["spot_id"] for each in stretches} - {None} == known, "AD-3: the hotlist knows its spots again"
    report = evaluate(served(folder), corpus)
    assert set(report) >= {"frame_accuracy", "f1", "confusion", "boundary_error_s", "realtime_factor"}


def test_the_same_seed_composes_the_same_truth_and_sound(tmp_path: Path) -> None:
    from training.ad_detection.composer.compose import compose

    first, second = (compose(tmp_path / name, hours=0.02, seed=8, file_minutes=1.2) for name in ("a", "b"))
    assert first.files == second.files
    for name in first.files:
        assert first.path(name).read_bytes() == second.path(name).read_bytes()
