"""The source's own post-processing, the baseline of every run (AD-4): weighted mean, thresholds, hysteresis."""

from typing import Final

import numpy as np
import numpy.typing as npt

from core.algorithms.audio.frames import FloatArray

_NET_THRESHOLD: Final = 0.65
_FINAL_THRESHOLD: Final = 0.40
_REACH_STEPS: Final = 20
"""4 s either way: the shortest of the players' buffers that the source names."""


def decode(probabilities: FloatArray) -> npt.NDArray[np.int8]:
    """Label of every step (n,): doubtful steps are cut out, neighbours averaged, a verdict holds until a sure one."""
    is_sure = probabilities.max(axis=1) >= _NET_THRESHOLD
    kernel = np.bartlett(2 * _REACH_STEPS + 3)[1:-1]
    weights = np.convolve(is_sure.astype(float), kernel, mode="same")[: len(probabilities)]
    means = (
        np.stack(
            [
                np.convolve(probabilities[:, label] * is_sure, kernel, mode="same")[: len(probabilities)]
                for label in range(3)
            ],
            axis=1,
        )
        / np.maximum(weights, 1e-6)[:, None]
    )
    result, last = np.empty(len(probabilities), dtype=np.int8), -1
    margins = np.sort(means, axis=1)
    for step, mean in enumerate(means):
        best = int(mean.argmax())
        if last < 0 or (mean[best] >= _FINAL_THRESHOLD and margins[step, -1] - margins[step, -2] >= 0.1):
            last = best
        result[step] = last
    return result
