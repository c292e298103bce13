"""Any sound as a stream of mono samples, through the ffmpeg that ``imageio-ffmpeg`` brings; memory stays bounded."""

import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import numpy as np
import numpy.typing as npt

from core.errors import UserError

SAMPLE_RATE: Final = 22_050
"""Hz, mono, everywhere in ad detection (AD-2; the seed's setting)."""
CHUNK_SECONDS: Final = 10.0
_PLAYLISTS: Final = (".m3u", ".m3u8", ".pls", ".xspf", ".asx")
_SHORT_BY_SECONDS: Final = 1.0
_DURATION = re.compile(rb"Duration: (\d+):(\d\d):(\d\d\.\d+)")


class SoundFile:
    """One file's first sound track; iterate it once.

    Chunks are float32 (n,) in -1..1 at ``SAMPLE_RATE``, ``CHUNK_SECONDS`` long but the last. After the last one
    ``warning`` says what was wrong with a file that could be read in part only.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.warning: str | None = None
        self.duration_s = 0.0
        """Seconds decoded so far."""

    def __iter__(self) -> Iterator[npt.NDArray[np.float32]]:
        """Decode.

        Raises:
            UserError: the file is missing, empty, a playlist, or holds no sound that can be read.
        """
        check_readable(self.file)
        source = ["-protocol_whitelist", "file,pipe", "-i", f"file:{self.file.absolute()}"]
        with subprocess.Popen(
            _command(source), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            words = _LastWords(process.stderr)
            try:
                for chunk in chunks_of(process.stdout):
                    self.duration_s += len(chunk) / SAMPLE_RATE
                    yield chunk
            except BaseException:  # whoever listened has stopped before the end
                process.kill()
                raise
            code = process.wait()
            words.join()
        self._judge(code, words)

    def _judge(self, code: int, words: "_LastWords") -> None:
        if self.duration_s == 0:
            raise UserError(f"file: {self.file} holds no sound that can be read ({words.reason}); give an audio file")
        missing = (words.declared_s or 0.0) - self.duration_s
        if is_cut_wave(self.file):
            missing = float("inf")
        if code != 0 or missing > max(_SHORT_BY_SECONDS, 0.02 * self.duration_s):
            said = f" of {words.declared_s:.1f} s" if np.isfinite(missing) and words.declared_s else ""
            self.warning = f"truncated or damaged: {self.duration_s:.1f} s{said} could be read"


def chunks_of(stream: IO[bytes], seconds: float = CHUNK_SECONDS) -> Iterator[npt.NDArray[np.float32]]:
    """Raw little-endian float32 samples from a pipe, in chunks; values that are no numbers become silence."""
    size = int(seconds * SAMPLE_RATE) * 4
    while block := stream.read(size):
        samples = np.frombuffer(block[: len(block) // 4 * 4], dtype="<f4")
        if len(samples):
            yield np.clip(np.nan_to_num(samples), -4.0, 4.0).astype(np.float32)


def check_readable(file: Path) -> None:
    """Say in one line what keeps a file from being decoded.

    Raises:
        UserError: no such file, a folder, an empty file, or a playlist.
    """
    if not file.exists():
        raise UserError(f"file: {file} does not exist; check the name")
    if not file.is_file():
        raise UserError(f"file: {file} is no file; name the audio files in it")
    try:
        with file.open("rb") as opened:
            head = opened.read(64)
    except OSError as error:
        raise UserError(f"file: {file} cannot be read: {error.strerror}; check its permissions") from None
    if not head:
        raise UserError(f"file: {file} is empty; give an audio file")
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if file.suffix.lower() in _PLAYLISTS or start.startswith((b"#extm3u", b"[playlist]")):
        raise UserError(f"file: {file} is a playlist; give the audio that it names")


def is_cut_wave(file: Path) -> bool:
    """Tell whether a WAV file is shorter than its head says: ffmpeg reads on without a word."""
    with file.open("rb") as opened:
        head = opened.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return False
    said = int.from_bytes(head[4:8], "little")
    return 0 < said < 0xFFFF_FFFF - 64 and said + 8 > file.stat().st_size + 64  # a stream writes 0 or the most


def ffmpeg() -> str:
    """Path of the ffmpeg that came with the Python packages."""
    from imageio_ffmpeg import get_ffmpeg_exe  # type: ignore[import-untyped]

    return str(get_ffmpeg_exe())


def read_whole(file: Path) -> npt.NDArray[np.float32]:
    """All samples (n,) of a short file; raises as ``SoundFile`` does."""
    return np.concatenate(list(SoundFile(file)))


def _command(source: list[str]) -> list[str]:
    quiet = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-threads", "1"]
    return [ffmpeg(), *quiet, "-vn", "-sn", "-dn", *source, "-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE),
            "-f", "f32le", "-"]  # fmt: skip


class _LastWords:
    """Reads ffmpeg's remarks beside the sound, so that neither pipe fills up; keeps the length it declares."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.declared_s: float | None = None
        self._last = ""
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            found = _DURATION.search(line)
            if found and self.declared_s is None:
                hours, minutes, seconds = found.groups()
                self.declared_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            text = line.decode("utf-8", "replace").strip()
            if re.search(r"error|invalid|matches no streams|could not|not find", text, re.IGNORECASE):
                self._last = text

    def join(self) -> None:
        self._thread.join()

    @property
    def reason(self) -> str:
        if "matches no streams" in self._last:
            return "it has no sound track"
        return self._last.rpartition("] ")[2].rpartition(": ")[2][:100] or "unknown format"
