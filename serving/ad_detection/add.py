"""A file's sound kept on this machine as a station's recording, with what was heard in it (AD-6, AD-10)."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from core.algorithms.audio.detection import LABELS, Detected, Heard, hear, segments
from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.detector_net import STEPS_A_SECOND
from core.audio_decoding import SAMPLE_RATE, SoundFile, check_readable, ffmpeg
from core.contracts.ad_detection import check_station, instant_text, recordings
from core.contracts.ad_recordings import KeptRecording, recording_named, stem_of
from core.errors import UserError
from core.paths import Paths
from core.storage import write_text, written_aside
from serving.ad_detection.levels import level_db

LEVELS_A_SECOND: Final = 10
_PLAYED_BY_BROWSERS: Final = (".mp3", ".ogg", ".opus", ".wav", ".flac")


def add_recording(bundle: DetectorBundle, paths: Paths, file: Path, station: str, at: datetime) -> KeptRecording:
    """Copy a file below ``recordings`` and hear it; what browsers do not play is kept as Opus. Again: overwritten.

    Raises:
        UserError: no station's name, or no sound that can be read.
    """
    check_station(station)
    check_readable(file)
    suffix = file.suffix.lower()
    folder = recordings(paths) / station
    target = folder / f"{stem_of(at)}{suffix if suffix in _PLAYED_BY_BROWSERS else '.ogg'}"
    answer = described(bundle, file, at.replace(microsecond=0))  # before anything is kept: it may hold no sound
    with written_aside(target) as aside:
        _copy(file, aside, is_sound=suffix in _PLAYED_BY_BROWSERS)
    for old in folder.glob(f"{target.stem}.*"):
        if old != target:
            old.unlink()
    write_text(target.with_suffix(".json"), orjson.dumps({**answer, "file": str(target)}).decode())
    kept = recording_named(recordings(paths), f"{station}/{target.name}")
    assert kept is not None
    return kept


def described(bundle: DetectorBundle, file: Path, at: datetime) -> dict[str, Any]:
    """What is kept beside a recording: the answer of ``detect``, verdicts by second, levels ten times a second."""
    sound, levels = SoundFile(file), list[float]()
    heard = hear(bundle, _measured(sound, levels))
    said = segments(bundle, heard)
    answer: dict[str, Any] = {
        "duration_s": round(heard.duration_s, 3),
        "segments": [asdict(each) for each in said],
        "verdicts": list(_verdicts(heard, said, levels, at)),
        "levels": {"per_second": LEVELS_A_SECOND, "db": levels},
    }
    return answer if sound.warning is None else {**answer, "warning": sound.warning}


def _measured(sound: SoundFile, levels: list[float]) -> Iterator[npt.NDArray[np.float32]]:
    part = SAMPLE_RATE // LEVELS_A_SECOND
    for chunk in sound:
        levels += [level_db(chunk[first : first + part]) for first in range(0, len(chunk), part)]
        yield chunk


def _verdicts(heard: Heard, said: Sequence[Detected], levels: list[float], at: datetime) -> Iterator[dict[str, Any]]:
    """One line a second, in the verdict log's form."""
    place = 0
    for second in range(int(heard.duration_s)):
        while place + 1 < len(said) and said[place].end_s <= second + 0.5:
            place += 1
        shares = heard.probabilities[second * STEPS_A_SECOND : (second + 1) * STEPS_A_SECOND].mean(axis=0)
        power = np.power(10.0, np.array(levels[second * LEVELS_A_SECOND : (second + 1) * LEVELS_A_SECOND]) / 10)
        yield {
            "at": instant_text(at + timedelta(seconds=second)),
            "label": said[place].label,
            "confidence": said[place].confidence,
            "probabilities": {name: round(float(share), 4) for name, share in zip(LABELS, shares, strict=True)},
            "level_db": round(10 * float(np.log10(power.mean())), 1),
            "spot_id": said[place].spot_id,
        }


def _copy(file: Path, target: Path, *, is_sound: bool) -> None:
    if is_sound:
        shutil.copyfile(file, target)
        return
    source = ["-protocol_whitelist", "file,pipe", "-i", f"file:{file.absolute()}", "-map", "0:a:0"]
    kind = ["-c:a", "libopus", "-b:a", "96k", "-f", "ogg", "-y", f"file:{target.absolute()}"]
    command = [ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "quiet", "-vn", *source, *kind]
    if subprocess.run(command, check=False).returncode != 0:
        raise UserError(f"file: {file} cannot be kept as Opus; turn it into MP3 or WAV first")
