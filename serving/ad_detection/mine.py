"""Candidates for new spots: what a station played twice or more, for a person to decide about (AD-5, AD-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from core.algorithms.audio.fingerprint_index import FingerprintIndex, Match
from core.algorithms.audio.frames import FRAMES_A_SECOND, SpectrumStream
from core.algorithms.audio.landmarks import Landmarks, LandmarkStream
from core.algorithms.audio.repetitions import Repetition, repetitions
from core.audio_decoding import SoundFile, check_readable
from core.contracts.ad_labels import reports_file
from core.errors import UserError
from core.logs import progress
from core.paths import Paths
from serving.ad_detection.reports import Report, Reports

_COVERED: Final = 0.5
"""Share of a repetition that a known clip must cover to be the same sound."""


@dataclass(frozen=True)
class Candidate:
    """A repeated sound; times from the first file's first second."""

    starts_s: tuple[float, ...]
    length_s: float
    spot_id: str | None
    """Of the hotlist, where it is a known spot."""


def mine(files: Sequence[Path], hotlist: FingerprintIndex) -> list[Candidate]:
    """Repetitions of 5 to 60 s over files that follow each other, the closest to 30 s first, without known music.

    Raises:
        UserError: a file is missing or holds no sound.
    """
    for file in files:
        check_readable(file)
    heard = landmarks_of(files)
    known = hotlist.matches(heard)
    found = []
    for each in repetitions(heard):
        match = _known(each, known)
        if match is None or match.clip.label == "ad":
            found.append(Candidate(each.starts_s, each.length_s, match.clip.clip_id if match else None))
    return found


def landmarks_of(files: Sequence[Path]) -> Landmarks:
    """Landmarks of files on one clock: of the sound itself only seconds are in memory at a time."""
    parts: list[Landmarks] = []
    first = 0
    for number, file in enumerate(files, start=1):
        sound, spectra, marks = SoundFile(file), SpectrumStream(), LandmarkStream()
        heard = [marks.push(spectra.push(chunk)) for chunk in sound]
        heard += [marks.push(spectra.finish()), marks.finish()]
        parts += [each._replace(frames=each.frames + first) for each in heard]
        first += round(sound.duration_s * FRAMES_A_SECOND)
        progress(f"mine: {number} of {len(files)}: {file.name}, {sound.duration_s / 60:.0f} minutes")
    return Landmarks(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def propose(paths: Paths, station: str, began_at: datetime, found: Sequence[Candidate], now: datetime) -> int:
    """Put candidates that no hotlist knows before a person; a second run over the same sound adds nothing.

    Returns:
        How many were proposed, those that waited already included.
    """
    new = [each for each in found if each.spot_id is None]
    reports = Reports(reports_file(paths))
    for each in new:
        at = began_at + timedelta(seconds=each.starts_s[0])
        words = f"heard {len(each.starts_s)} times, {each.length_s:.1f} s"
        mark = f"mining:{station}:{at:%Y%m%dT%H%M%S}"
        end_at = at + timedelta(seconds=each.length_s)
        reports.add(Report(station, at, "ad", None, words, "mining", end_at, mark), now)
    return len(new)


def files_of(given: Sequence[Path]) -> list[Path]:
    """Files as they are, folders by their sound files' names.

    Raises:
        UserError: a folder holds none.
    """
    result: list[Path] = []
    for each in given:
        inside = sorted(file for file in each.iterdir() if file.suffix.lower() in _SOUND) if each.is_dir() else [each]
        if not inside:
            raise UserError(f"files: {each} holds no sound ({', '.join(sorted(_SOUND))}); give files or another folder")
        result += inside
    return result


_SOUND: Final = frozenset({".mp3", ".ogg", ".opus", ".wav", ".flac", ".m4a"})


def _known(sound: Repetition, known: Sequence[Match]) -> Match | None:
    """The hotlist's clip that covers most of a repetition, at any of its places."""

    def covered(match: Match, start: float) -> float:
        return min(match.end_s, start + sound.length_s) - max(match.start_s, start)

    ways = [(covered(match, start), match) for match in known for start in sound.starts_s]
    best = max(ways, key=lambda way: way[0], default=None)
    return best[1] if best is not None and best[0] >= _COVERED * sound.length_s else None
