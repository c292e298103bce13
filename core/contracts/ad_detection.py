"""What training and serving of ad detection hand each other."""

from pathlib import Path
from typing import Final

from core.paths import Paths

REGISTERED_DETECTOR: Final = "ad_detection"
"""Name in MLflow's registry; the version with the alias ``champion`` is the one that detects."""


def served_detector(paths: Paths) -> Path:
    """The champion's bundle (``core.algorithms.audio.detector_bundle``), copied when it became champion.

    So detection starts within a second: it asks neither MLflow nor TensorFlow.
    """
    return paths.home / "ad_detection" / "detector"
