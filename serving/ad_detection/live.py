"""A live stream to verdicts: follows a URL, a pipe or a file through ffmpeg, and comes back after a break (AD-7)."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.live import LiveDetector, Verdict
from core.audio_decoding import SAMPLE_RATE, check_readable, chunks_of, ffmpeg
from core.errors import UserError
from core.logs import progress

_CHUNK_SECONDS: Final = 1.0
_WAITS: Final = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each new try of a stream that broke off; the last one is repeated."""


def follow(
    bundle: DetectorBundle,
    source: str,
    look_ahead_s: float,
    most_tries: int = 100,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[Verdict]:
    """Verdicts of a stream, one a second, until it ends; ``-`` is standard input.

    A stream that breaks off is opened again; its clock goes on with the sound that comes in, so a lost minute is not
    counted.

    Raises:
        UserError: nothing could be heard at all.
    """
    if not (4 <= look_ahead_s <= 30):
        raise UserError("look-ahead: give 4 to 30 seconds, as a player buffers")
    is_stream = "://" in source
    if not is_stream and source != "-":
        check_readable(Path(source))
    detector, heard, failures = LiveDetector(bundle, look_ahead_s), 0, 0
    while True:
        before = heard
        with _opened(source, is_stream) as process:
            assert process.stdout is not None
            try:
                for chunk in chunks_of(process.stdout, _CHUNK_SECONDS):
                    heard += len(chunk)
                    yield from detector.push(chunk)
            except BaseException:
                process.kill()
                raise
        failures = 0 if heard > before else failures + 1
        if not is_stream or failures >= most_tries:
            break
        progress(f"detect: {source}: the stream broke off; trying again")
        wait(_WAITS[min(failures, len(_WAITS) - 1)])
    if heard == 0:
        raise UserError(f"file: {source} holds no sound that can be read; give an audio file or a stream's address")
    yield from detector.finish()


def _opened(source: str, is_stream: bool) -> "subprocess.Popen[bytes]":
    address = source if is_stream else "pipe:0" if source == "-" else f"file:{Path(source).absolute()}"
    patience = ["-rw_timeout", "10000000"] if is_stream else []
    command = [ffmpeg(), "-hide_banner", "-loglevel", "quiet", "-threads", "1", *patience, "-vn", "-i", address]
    final = ["-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-flush_packets", "1", "-f", "f32le", "-"]
    stdin = None if source == "-" else subprocess.DEVNULL
    return subprocess.Popen([*command, *final], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
