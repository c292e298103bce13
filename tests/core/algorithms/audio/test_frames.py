"""AD-1, AD-2: the same frames in training, on files and live."""

import numpy as np

from core.algorithms.audio.frames import FRAMES_A_SECOND, MEL_BANDS, SAMPLE_RATE, SpectrumStream, log_mel
from core.algorithms.audio.normalisation import Normaliser


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(7).normal(0, 0.1, int(seconds * SAMPLE_RATE)).astype(np.float32)


def spectra(sound: np.ndarray, chunk: int) -> np.ndarray:
    stream = SpectrumStream()
    parts = [stream.push(sound[start : start + chunk]) for start in range(0, len(sound), chunk)]
    return np.concatenate([*parts, stream.finish()])


def test_frames_do_not_depend_on_how_the_sound_is_cut_into_chunks() -> None:
    sound = noise(2.0)
    assert np.array_equal(spectra(sound, len(sound)), spectra(sound, 777))


def test_a_second_has_fifty_frames_of_all_bands() -> None:
    frames = log_mel(spectra(noise(3.0), 5000))
    assert frames.shape[1] == MEL_BANDS
    assert abs(len(frames) - 3 * FRAMES_A_SECOND) <= 1


def test_a_tone_is_loudest_in_the_band_of_its_frequency() -> None:
    times = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    low, high = (
        log_mel(spectra(np.sin(2 * np.pi * hertz * times).astype(np.float32), 4096)).mean(axis=0).argmax()
        for hertz in (300, 3000)
    )
    assert low < MEL_BANDS // 4 < high


def test_normalising_does_not_depend_on_chunks_and_takes_out_gain_and_equaliser() -> None:
    frames = np.random.default_rng(1).normal(-9, 1, (3000, MEL_BANDS)).astype(np.float32)
    curve = np.linspace(-2, 2, MEL_BANDS).astype(np.float32) + 1.5
    whole, cut = Normaliser(), Normaliser()
    plain = whole.push(frames)
    assert np.allclose(plain, np.concatenate([cut.push(frames[:901]), cut.push(frames[901:])]), atol=1e-5)
    changed = Normaliser().push(frames + curve)
    assert np.abs(plain[-500:, :, 1] - changed[-500:, :, 1]).max() < 0.05


def test_digital_silence_gives_finite_frames() -> None:
    silent = Normaliser().push(log_mel(spectra(np.zeros(SAMPLE_RATE, dtype=np.float32), 1000)))
    assert np.isfinite(silent).all()
