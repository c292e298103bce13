"""A corpus' files as log-mel frames with a label every 0.2 s."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.algorithms.audio.detector_net import STEPS_A_SECOND
from core.algorithms.audio.frames import FRAMES_A_SECOND, FloatArray, SpectrumStream, log_mel
from core.audio_decoding import SoundFile
from training.ad_detection.corpus import Corpus, Segment, labels_at


@dataclass(frozen=True)
class Recording:
    """One file: what is heard and what it is."""

    file: str
    frames: npt.NDArray[np.float16]
    """Log-mel (n, MEL_BANDS) at 50 a second."""
    labels: npt.NDArray[np.int8]
    """By step of 0.2 s (steps,): ad 0, talk 1, music 2; -1 where nothing is labelled."""
    segments: tuple[Segment, ...]

    @property
    def seconds(self) -> float:
        return len(self.frames) / FRAMES_A_SECOND


def recordings(corpus: Corpus, threads: int = 2) -> list[Recording]:
    """Every file of a corpus, decoded once, so many at a time."""
    with ThreadPoolExecutor(threads) as pool:
        heard = [pool.submit(recording, corpus.path(name), name, of) for name, of in corpus.files.items()]
        return [each.result() for each in heard]


def recording(path: Path, name: str, segments: tuple[Segment, ...]) -> Recording:
    """Decode one file; raises as ``core.audio_decoding.SoundFile`` does."""
    spectra = SpectrumStream()
    frames: list[FloatArray] = [log_mel(spectra.push(chunk)) for chunk in SoundFile(path)]
    frames.append(log_mel(spectra.finish()))
    mel = np.concatenate(frames).astype(np.float16)
    centres = (np.arange(len(mel) * STEPS_A_SECOND // FRAMES_A_SECOND) + 0.5) / STEPS_A_SECOND
    return Recording(name, mel, labels_at(segments, centres), segments)


def split_by_station(
    heard: Iterable[Recording], validation_share: float, seed: int
) -> tuple[list[Recording], list[Recording]]:
    """Files to learn from and files to choose by; at least one of each where there are two, all for both with one."""
    ordered = sorted(heard, key=lambda each: each.file)
    if len(ordered) < 2:
        return ordered, ordered
    count = max(1, round(len(ordered) * validation_share))
    chosen = set(np.random.default_rng(seed).permutation(len(ordered))[:count].tolist())
    return (
        [each for place, each in enumerate(ordered) if place not in chosen],
        [each for place, each in enumerate(ordered) if place in chosen],
    )
