"""A detector whose net has weights by chance, with one spot on its hotlist: quick, and enough for all around the net."""

import numpy as np

from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.fingerprint_index import Clip, FingerprintIndex
from core.algorithms.audio.frames import FRAMES_A_SECOND, SAMPLE_RATE, SpectrumStream
from core.algorithms.audio.landmarks import landmarks


def noise(seed: int, seconds: float) -> np.ndarray:
    """Samples that a seed tells apart from those of any other."""
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * SAMPLE_RATE)).astype(np.float32)


def chance_bundle() -> DetectorBundle:
    """``spot-9`` on the hotlist is ``noise(9, 20)``."""
    rng = np.random.default_rng(2)
    shapes: dict[str, tuple[int, ...]] = {
        "conv1_kernel": (4, 3, 2, 4), "conv1_bias": (4,), "conv2_kernel": (3, 3, 4, 4), "conv2_bias": (4,),
        "conv3_kernel": (3, 3, 4, 4), "conv3_bias": (4,), "narrow_kernel": (32, 8), "narrow_bias": (8,),
        "joined_kernel": (16, 8), "joined_bias": (8,), "hidden_kernel": (16, 8), "hidden_bias": (8,),
        "output_kernel": (8, 3), "output_bias": (3,),
        **{f"{way}_{name}": shape for way in ("forward", "backward")
           for name, shape in (("kernel", (8, 12)), ("recurrent", (4, 12)), ("bias", (2, 12)))},
    }  # fmt: skip
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    spectra = SpectrumStream()
    power = np.concatenate([spectra.push(noise(9, 20)), spectra.finish()])
    hotlist = FingerprintIndex.build({Clip("spot-9", "ad", 20 * FRAMES_A_SECOND): landmarks(power)})
    return DetectorBundle({"segment_model": {"scale": 0.1, "prior": [0.3, 0.4, 0.3]}}, weights, hotlist)
