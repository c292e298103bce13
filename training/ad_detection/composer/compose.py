"""Composes a corpus: stations made from parts, encoded by real encoders, beside the truth of every second."""

import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.algorithms.audio.frames import SAMPLE_RATE, FloatArray
from core.audio_decoding import ffmpeg
from core.errors import StageError, UserError
from core.logs import progress
from core.storage import write_text, written_aside
from training.ad_detection.composer import espeak
from training.ad_detection.composer.sources import Part, Sources
from training.ad_detection.composer.station import Broadcast, Station
from training.ad_detection.corpus import TRUTH, Corpus, Segment, read_corpus, write_truth
from training.ad_detection.kinds import KindStretch, write_kinds


def compose(
    folder: Path,
    hours: float,
    seed: int,
    part: Part = "train",
    recordings: Path | None = None,
    recorded_share: float = 1.0,
    file_minutes: float = 15.0,
) -> Corpus:
    """Write audio files, ``segments.csv``, ``kinds.csv`` and ``ORIGIN.txt`` (what is synthetic) into a folder.

    The same seed gives the same sound.

    Args:
        folder: where to; a corpus already there is replaced, anything else is a mistake.
        hours: about so much sound, a station a file of about ``file_minutes``.
        seed: everything follows from it.
        part: which half of the synthetic voices, languages and styles is used: training and test share none.
        recordings: a folder as ``make corpus`` makes; None: all is synthetic.
        recorded_share: share of voices and pieces taken from there; the rest is synthetic.
        file_minutes: length of one file.

    Raises:
        UserError: the folder holds something else, or the recordings are missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / "ORIGIN.txt").is_file():
        raise UserError(f"out: {folder} is not empty and holds no composed corpus; name an empty folder")
    write_text(folder / "ORIGIN.txt", _origin(part, seed, recordings, recorded_share))
    (folder / TRUTH).unlink(missing_ok=True)
    espeak.restart()
    sources = Sources(part, recordings, recorded_share)
    count = max(1, round(hours * 60 / file_minutes))
    segments, kinds = list[Segment](), list[KindStretch]()
    for number in range(count):
        name = f"station-{number:03d}"
        rng = np.random.default_rng([seed, zlib.crc32(part.encode()), number])
        station = Station(rng, sources, f"{part}-{seed}-{number:03d}")
        broadcast = station.broadcast(rng, hours * 3600 / count)
        file = f"{name}.{broadcast.extension}"
        encode(broadcast.samples, broadcast.encoder, folder / file)
        segments += [replace(each, file=file) for each in broadcast.segments]
        kinds += [replace(each, file=file) for each in broadcast.kinds]
        progress(f"compose: {number + 1} of {count}: {file}, {_minutes(broadcast)} minutes")
    espeak.restart()
    write_kinds(folder, kinds)
    write_truth(folder, segments)
    return read_corpus(folder)


def encode(samples: FloatArray, encoder: tuple[str, ...], file: Path) -> None:
    """Write samples through a real encoder.

    Raises:
        StageError: ffmpeg refused.
    """
    head = [ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-f", "f32le", "-ac", "1"]
    with written_aside(file) as aside:
        final = ["-ar", str(SAMPLE_RATE), "-i", "-", *encoder, "-f", _container(file.suffix), "-bitexact", str(aside)]
        done = subprocess.run([*head, *final], input=samples.astype("<f4").tobytes(), capture_output=True)
        if done.returncode != 0:
            raise StageError(f"compose: {file.name} could not be encoded: {done.stderr.decode()[:200]}")


def _container(suffix: str) -> str:
    return {".m4a": "ipod", ".wav": "wav"}.get(suffix, suffix.removeprefix("."))


def _minutes(broadcast: Broadcast) -> int:
    return round(len(broadcast.samples) / SAMPLE_RATE / 60)


def _origin(part: Part, seed: int, recordings: Path | None, share: float) -> str:
    head = f"Composed by `mediathek ad-detection compose` (part {part}, seed {seed}): no real broadcast.\n"
    if recordings is None:
        return head + "Voices: eSpeak NG. Music: generated scores on a soundfont. Everything here is SYNTHETIC.\n"
    return head + f"Voices and music: {share:.0%} recordings, the rest synthetic; composed into invented stations.\n"
