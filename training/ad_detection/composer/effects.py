"""What a studio does to sound: levels, equaliser, compressor, room, telephone, fades, mixing."""

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray


def gain(samples: FloatArray, decibels: float) -> FloatArray:
    return samples * np.float32(10 ** (decibels / 20))


def at_level(samples: FloatArray, decibels: float) -> FloatArray:
    """Scale to this root mean square of the loud half of the sound (dB of full scale)."""
    blocks = samples[: len(samples) // 1024 * 1024].reshape(-1, 1024)
    energy = np.sort((blocks**2).mean(axis=1)) if len(blocks) else np.zeros(1)
    loud = float(energy[len(energy) // 2 :].mean())
    return samples * np.float32(10 ** (decibels / 20) / np.sqrt(loud)) if loud > 1e-10 else samples


def equalised(samples: FloatArray, rng: np.random.Generator, most_decibels: float) -> FloatArray:
    """A random smooth curve over frequency, up to so many dB either way."""
    points = np.array([0, 100, 300, 800, 2000, 5000, SAMPLE_RATE / 2])
    curve = rng.uniform(-most_decibels, most_decibels, len(points))
    bins = np.linspace(0, SAMPLE_RATE / 2, 257)
    response = 10 ** (np.interp(bins, points, curve) / 20)
    kernel = np.fft.fftshift(np.fft.irfft(response)) * np.hanning(512)
    return np.asarray(fftconvolve(samples, kernel.astype(np.float32), mode="same"), dtype=np.float32)


def band_passed(samples: FloatArray, low: float, high: float) -> FloatArray:
    """A telephone, a small radio."""
    filters = butter(4, [low, min(high, SAMPLE_RATE * 0.49)], "bandpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(filters, samples), dtype=np.float32)


def compressed(samples: FloatArray, threshold: float, ratio: float, release_s: float = 0.15) -> FloatArray:
    """A feed-forward compressor over blocks of 5 ms: instant attack, exponential release, then make-up gain."""
    block = SAMPLE_RATE // 200
    count = len(samples) // block
    if count < 2:
        return samples
    peaks = np.abs(samples[: count * block].reshape(count, block)).max(axis=1)
    keep = float(np.exp(-block / SAMPLE_RATE / release_s))
    envelope, level = np.empty(count), 0.0
    for place, peak in enumerate(peaks):
        level = max(float(peak), level * keep)
        envelope[place] = level
    over = np.maximum(0.0, 20 * np.log10(envelope + 1e-6) - threshold)
    reduction = 10 ** (-over * (1 - 1 / ratio) / 20)
    curve = np.interp(np.arange(len(samples)), (np.arange(count) + 0.5) * block, reduction)
    make_up = 10 ** (-threshold * (1 - 1 / ratio) * 0.6 / 20)
    return limited((samples * curve * make_up).astype(np.float32))


def limited(samples: FloatArray) -> FloatArray:
    """Soft limit: nothing beyond full scale."""
    return np.tanh(samples).astype(np.float32) if np.abs(samples).max(initial=0) > 0.8 else samples


def in_a_room(samples: FloatArray, rng: np.random.Generator, seconds: float, share: float) -> FloatArray:
    """Reverberation: noise that dies away."""
    length = int(seconds * SAMPLE_RATE)
    tail = rng.normal(size=length) * np.exp(-6.9 * np.arange(length) / length)
    wet = fftconvolve(samples, (tail / np.sqrt((tail**2).sum())).astype(np.float32))[: len(samples)]
    return np.asarray((1 - share) * samples + share * wet, dtype=np.float32)


def faded(samples: FloatArray, in_s: float, out_s: float) -> FloatArray:
    result = samples.copy()
    first, last = (min(len(result), int(seconds * SAMPLE_RATE)) for seconds in (in_s, out_s))
    result[:first] *= np.linspace(0, 1, first, dtype=np.float32)
    if last:
        result[-last:] *= np.linspace(1, 0, last, dtype=np.float32)
    return result


def mixed(under: FloatArray, over: FloatArray, at_s: float = 0.0) -> FloatArray:
    """Lay one sound over another from a second on; the length is that of the lower one."""
    result, start = under.copy(), int(at_s * SAMPLE_RATE)
    part = over[: max(0, len(result) - start)]
    result[start : start + len(part)] += part
    return result


def looped(samples: FloatArray, seconds: float) -> FloatArray:
    """Repeat or cut to this length."""
    length = int(seconds * SAMPLE_RATE)
    return np.resize(samples, length) if len(samples) else np.zeros(length, dtype=np.float32)


def coloured_noise(rng: np.random.Generator, seconds: float, slope: float) -> FloatArray:
    """Noise whose power falls with frequency to this power: 0 is white, 2 is brown; root mean square 0.1."""
    length = int(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(rng.normal(size=length))
    shape = np.maximum(1.0, np.arange(len(spectrum))) ** (-slope / 2)
    noise = np.fft.irfft(spectrum * shape, length)
    return np.asarray(noise * 0.1 / noise.std(), dtype=np.float32)


def silence(seconds: float) -> FloatArray:
    return np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)


def hastened(samples: FloatArray, factor: float) -> FloatArray:
    """Play so much faster at the same pitch: overlapping pieces, each where it fits best (WSOLA, Verhelst 1993)."""
    window, hop, reach = 1024, 512, 200
    if factor == 1.0 or len(samples) < 4 * window:
        return samples
    padded = np.pad(samples, (reach, window + 2 * reach + hop))
    count = int(len(samples) / factor / hop)
    shape, result = np.hanning(window).astype(np.float32), np.zeros(count * hop + window, dtype=np.float32)
    wanted = padded[reach : reach + window]
    for number in range(count):
        middle = int(number * hop * factor) + reach
        near = padded[middle - reach : middle + reach + window]
        fits = np.correlate(near[::2], wanted[::2], mode="valid")
        at = middle - reach + 2 * int(fits.argmax())
        result[number * hop : number * hop + window] += padded[at : at + window] * shape
        wanted = np.resize(padded[at + hop : at + hop + window], window)
    return result[: int(len(samples) / factor)]
