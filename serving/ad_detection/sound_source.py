"""A live source of sound: an address, a pipe or a file through ffmpeg, opened again when it breaks off (AD-7)."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from core.audio_decoding import SAMPLE_RATE, check_readable, chunks_of, ffmpeg
from core.errors import UserError
from core.logs import progress

_CHUNK_SECONDS: Final = 1.0
_WAITS: Final = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each new try of a stream that broke off; the last one is repeated."""
_SILENT_MICROSECONDS: Final = "10000000"
"""A stream that sends nothing for so long counts as broken off."""


class Piece(NamedTuple):
    """A second of sound or less."""

    samples: npt.NDArray[np.float32]
    """(n,) at ``SAMPLE_RATE``."""
    is_first: bool
    """The first of a connection: something may be missing before it."""


class SoundSource:
    """Iterate it once; it ends with the file or pipe, and where a stream cannot be opened any more.

    Args:
        source: a stream's address, a file, or ``-`` for standard input.
        most_tries: times that a stream may fail in a row.
        wait: between tries; tests give their own.
        is_paced: a file is read as slowly as it plays.

    Raises:
        UserError: (while iterated) a file cannot be read, or nothing could be heard at all.
    """

    def __init__(
        self,
        source: str,
        most_tries: int = 100,
        wait: Callable[[float], None] = time.sleep,
        is_paced: bool = False,
    ) -> None:
        self._source, self._most_tries, self._wait, self._is_paced = source, most_tries, wait, is_paced
        self.is_stream = "://" in source
        if not self.is_stream and source != "-":
            check_readable(Path(source))

    def __iter__(self) -> Iterator[Piece]:
        has_sound, failures = False, 0
        while True:
            is_first = True
            for samples in self._connection():
                yield Piece(samples, is_first)
                is_first, has_sound = False, True
            failures = failures + 1 if is_first else 0
            if not self.is_stream or failures >= self._most_tries:
                break
            progress(f"detect: {self._source}: the stream broke off; trying again")
            self._wait(_WAITS[min(failures, len(_WAITS) - 1)])
        if not has_sound:
            raise UserError(
                f"file: {self._source} holds no sound that can be read; give an audio file or a stream's address"
            )

    def _connection(self) -> Iterator[npt.NDArray[np.float32]]:
        with self._opened() as process:
            assert process.stdout is not None
            try:
                yield from chunks_of(process.stdout, _CHUNK_SECONDS)
            except BaseException:  # whoever listened has stopped
                process.kill()
                raise

    def _opened(self) -> "subprocess.Popen[bytes]":
        source, is_pipe = self._source, self._source == "-"
        address = source if self.is_stream else "pipe:0" if is_pipe else f"file:{Path(source).absolute()}"
        patience = ["-rw_timeout", _SILENT_MICROSECONDS] if self.is_stream else ["-re"] if self._is_paced else []
        command = [ffmpeg(), "-hide_banner", "-loglevel", "quiet", "-threads", "1", *patience, "-vn", "-i", address]
        final = ["-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-flush_packets", "1", "-f", "f32le", "-"]
        stdin = None if is_pipe else subprocess.DEVNULL
        return subprocess.Popen([*command, *final], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
