"""Recordings to segments: what ``mediathek ad-detection detect`` answers."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.algorithms.audio.detection import hear, segments
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.audio_decoding import SoundFile, check_readable


def detect(bundle: DetectorBundle, files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """One answer a file, in the contract's form; ``warning`` only where a file could be read in part.

    Raises:
        UserError: a file is missing or holds no sound; before anything is decoded where that can be seen.
    """
    listed = list(files)
    for file in listed:
        check_readable(file)
    for file in listed:
        yield _one(bundle, file)


def _one(bundle: DetectorBundle, file: Path) -> dict[str, Any]:
    started = time.perf_counter()
    sound = SoundFile(file)
    heard = hear(bundle, sound)
    stretches = [asdict(each) for each in segments(bundle, heard)]
    elapsed = time.perf_counter() - started
    answer: dict[str, Any] = {
        "file": str(file),
        "duration_s": round(heard.duration_s, 3),
        "segments": stretches,
        "realtime_factor": round(heard.duration_s / max(elapsed, 1e-9), 1),
    }
    return answer if sound.warning is None else {**answer, "warning": sound.warning}
