"""The only code that moves ``ad_detection``'s ``champion`` alias: a version is served if it passes every gate.

1. loads: the bundle can be read.
2. right: share of tenths of a second right on the test stations; below, it is no better than guessing by loudness.
3. ads: F1 of ads there.
4. champion: not surely worse than what is served, on the same stations: the upper end of the 95 % interval of the
   difference, station by station, must reach 0.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.algorithms.audio.detector_bundle import DetectorBundle, DetectorBundleError
from core.contracts.ad_detection import REGISTERED_DETECTOR, SERVED_NOTE, served_detector
from core.contracts.exports import CHAMPION
from core.logs import progress
from core.settings import Settings
from training import runs
from training.ad_detection.corpus import Corpus
from training.ad_detection.evaluate import evaluate
from training.gate import Gate

_LEAST_RIGHT: Final = 0.6
_LEAST_AD_F1: Final = 0.4
_VERDICT: Final = "verdict"


def promote(settings: Settings, store: Any, version: str, test: Corpus, as_of: datetime) -> bool:
    """Put a version through the gates; serve it if all are passed; tell whether it is served now.

    A version judged before on these stations is not judged again.
    """
    known = store.get_model_version(REGISTERED_DETECTOR, version).tags.get(_VERDICT)
    if known is not None:
        champion = runs.version_at(store, CHAMPION, REGISTERED_DETECTOR)
        return champion is not None and str(champion.version) == version
    folder = runs.bundle_of(settings, store, version, REGISTERED_DETECTOR)
    gates = _gates(settings, folder, test)
    for gate in gates:
        progress(f"gate {gate.name}: {'passed' if gate.is_passed else 'FAILED'}: {gate.reading}")
    is_passed = all(gate.is_passed for gate in gates)
    if is_passed:
        _serve(settings, folder, version, gates, as_of)
        store.set_registered_model_alias(REGISTERED_DETECTOR, CHAMPION, version)
    else:
        progress(f"gates: version {version} stays out; what is served stays")
    for gate in gates:
        reading = f"{'passed' if gate.is_passed else 'failed'}: {gate.reading}"
        store.set_model_version_tag(REGISTERED_DETECTOR, version, f"gate.{gate.name}", reading)
    store.set_model_version_tag(REGISTERED_DETECTOR, version, _VERDICT, "passed" if is_passed else "failed")
    return is_passed


def quality_gates(report: Mapping[str, Any], champion: Mapping[str, Any] | None) -> list[Gate]:
    """Gates over two reports of ``evaluate`` on the same stations; without a champion there is nothing to compare."""
    right, found = float(report["frame_accuracy"]), float(report["f1"]["ad"] or 0.0)
    gates = [
        Gate("right", right, _LEAST_RIGHT, right >= _LEAST_RIGHT, f"{right:.3f} right, at least {_LEAST_RIGHT}"),
        Gate("ads", found, _LEAST_AD_F1, found >= _LEAST_AD_F1, f"F1 {found:.3f}, at least {_LEAST_AD_F1}"),
    ]
    if champion is None:
        return gates
    differences = [report["stations"][name] - champion["stations"][name] for name in sorted(report["stations"])]
    upper = _upper_end(differences)
    reading = f"{right:.3f} against {champion['frame_accuracy']:.3f} on the same stations, at best {upper:+.4f}"
    return [*gates, Gate("champion", upper, 0.0, upper >= 0, reading)]


def _gates(settings: Settings, folder: Path, test: Corpus) -> list[Gate]:
    try:
        manifest = DetectorBundle.load(folder).manifest
    except DetectorBundleError as error:
        return [Gate("loads", 0.0, 1.0, False, str(error))]
    loads = Gate("loads", 1.0, 1.0, True, "the bundle can be read")
    return [loads, *quality_gates(manifest["evaluation"], _champion_report(settings, test))]


def _champion_report(settings: Settings, test: Corpus) -> dict[str, Any] | None:
    """What is served, on the stations of this test; None where nothing is, or it no longer loads."""
    try:
        champion = DetectorBundle.load(served_detector(settings.paths))
    except DetectorBundleError:
        return None
    progress("gates: the detector that is served hears the same stations ...")
    return evaluate(champion, test)


def _upper_end(differences: list[float]) -> float:
    """Upper end of the 95 % interval of the mean, by bootstrap over stations."""
    drawn = np.random.default_rng(0).choice(differences, (1000, len(differences)))
    return float(np.quantile(drawn.mean(axis=1), 0.975))


def _serve(settings: Settings, folder: Path, version: str, gates: list[Gate], as_of: datetime) -> None:
    """Put the bundle in place, with a note of what its gates found: whole or not at all."""
    target = served_detector(settings.paths)
    aside = target.with_name(f".detector.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(folder, aside)
    note = {"version": version, "promoted_at": as_of.isoformat(), "gates": [asdict(gate) for gate in gates]}
    (aside / SERVED_NOTE).write_text(json.dumps(note, indent=1), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
