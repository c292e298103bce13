"""The only code that moves ``ad_detection``'s ``champion`` alias, and hands the champion to serving."""

import os
import shutil
from typing import Any, Final

from core.algorithms.audio.detector_bundle import DetectorBundle, DetectorBundleError
from core.contracts.ad_detection import REGISTERED_DETECTOR, served_detector
from core.contracts.exports import CHAMPION
from core.logs import progress
from core.settings import Settings
from training import runs

_LEAST_ACCURACY: Final = 0.6
"""Of steps on held-out stations: below it a detector is no better than guessing by loudness."""


def promote(settings: Settings, store: Any, version: str) -> bool:
    """Serve a version if it loads and is right often enough; tell whether it is served now."""
    folder = runs.bundle_of(settings, store, version, REGISTERED_DETECTOR)
    try:
        accuracy = float(DetectorBundle.load(folder).manifest["figures"]["step_accuracy"])
    except (DetectorBundleError, KeyError) as error:
        progress(f"gates: version {version} stays out: {error}")
        return False
    if accuracy < _LEAST_ACCURACY:
        progress(
            f"gates: version {version} stays out: {accuracy:.3f} of held-out steps right, {_LEAST_ACCURACY} needed"
        )
        return False
    store.set_registered_model_alias(REGISTERED_DETECTOR, CHAMPION, version)
    target = served_detector(settings.paths)
    aside = target.with_name(f".detector.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(folder, aside)
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
    return True
