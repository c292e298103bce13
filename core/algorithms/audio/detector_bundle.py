"""A trained detector as files: weights, hotlist and a manifest; readable without TensorFlow and without unpickling."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from core.algorithms.audio.detector_net import Weights
from core.algorithms.audio.fingerprint_index import FingerprintIndex
from core.algorithms.audio.segment_model import SegmentModel
from core.errors import StageError

FORMAT_VERSION: Final = 1
_MANIFEST, _WEIGHTS, _HOTLIST = "manifest.json", "weights.npz", "hotlist.npz"


class DetectorBundleError(Exception):
    """The folder holds no detector that this code can use; one readable line."""


@dataclass(frozen=True)
class DetectorBundle:
    """All that detection needs."""

    manifest: Mapping[str, Any]
    weights: Weights
    hotlist: FingerprintIndex

    @property
    def segment_model(self) -> SegmentModel:
        of = self.manifest["segment_model"]
        return SegmentModel(float(of["scale"]), tuple(of["prior"]))

    @staticmethod
    def load(folder: Path) -> "DetectorBundle":
        """Read a bundle.

        Raises:
            DetectorBundleError: a file is missing or damaged, or the format is another one.
        """
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            if manifest["format_version"] != FORMAT_VERSION:
                raise DetectorBundleError(f"{folder}: format {manifest['format_version']}, not {FORMAT_VERSION}")
            with (folder / _WEIGHTS).open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
                weights = {name: kept[name] for name in kept.files}
            return DetectorBundle(manifest, weights, FingerprintIndex.load(folder / _HOTLIST))
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise DetectorBundleError(f"{folder}: no detector: {type(error).__name__}: {error}") from error

    def write(self, folder: Path) -> None:
        """Write into ``folder``; the manifest comes last, so a torn bundle never loads."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MANIFEST).unlink(missing_ok=True)
        with (folder / _WEIGHTS).open("wb") as opened:
            np.savez(opened, allow_pickle=False, **dict(self.weights))
        self.hotlist.save(folder / _HOTLIST)
        text = json.dumps({**self.manifest, "format_version": FORMAT_VERSION}, indent=1)
        (folder / _MANIFEST).write_text(text, encoding="utf-8")


def served(folder: Path) -> DetectorBundle:
    """The detector that is served.

    Raises:
        StageError: none was trained yet, or it does not load.
    """
    if not folder.is_dir():
        raise StageError("detect: no detector is trained yet; run `mediathek ad-detection train` first")
    try:
        return DetectorBundle.load(folder)
    except DetectorBundleError as error:
        raise StageError(f"detect: {error}; run `mediathek ad-detection train` again") from None
