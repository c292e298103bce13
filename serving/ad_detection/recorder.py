"""Sound kept on this machine for a while, so that a person can listen to what was detected (AD-6); off by default.

A file is hidden while it grows. When it is whole it gets its name, and beside it what was heard: the answer of
``detect --json`` for it, with its seconds of the verdict log. It is never sent to anybody else (AD-10).
"""

import subprocess
from collections.abc import Callable, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import orjson

from core.algorithms.audio.detector_bundle import DetectorBundle
from core.audio_decoding import SAMPLE_RATE, ffmpeg
from core.contracts.ad_recordings import recordings_of, stem_of
from core.errors import UserError
from core.logs import progress
from core.storage import write_text
from serving.ad_detection.detect import detect
from serving.ad_detection.verdict_log import verdicts

FILE_SECONDS: Final = 600
_GROWING: Final = ".growing-"


class Recorder:
    """Keeps one station's sound in files of ten minutes.

    Args:
        folder: ``core.contracts.ad_detection.recordings``.
        station: its name.
        keep: files older than that are removed.
        describe: called with each finished file, once its verdicts are in the log.
        labelled: names of recordings that a person's labels refer to: they stay, whatever their age (AD-6).
    """

    def __init__(
        self,
        folder: Path,
        station: str,
        keep: timedelta,
        describe: Callable[[Path, datetime, datetime], None],
        labelled: Callable[[], Set[str]] = frozenset,
    ) -> None:
        self._labelled = labelled
        self._root, self._station, self._keep, self._describe = folder, station, keep, describe
        self._folder = folder / station
        self._folder.mkdir(parents=True, exist_ok=True)
        self._encoder: subprocess.Popen[bytes] | None = None
        self._file = self._folder
        self._started_at = datetime.min.replace(tzinfo=UTC)
        self._samples = 0
        self._finished: list[tuple[Path, datetime, datetime]] = []
        for left in self._folder.glob(f"{_GROWING}*.ogg"):  # a kill: what was written is sound all the same
            left.rename(left.with_name(left.name.removeprefix(_GROWING)))

    def push(self, samples: npt.NDArray[np.float32], at: datetime, is_first: bool) -> None:
        """Take sound (n,) that begins at a time; a new connection begins a new file."""
        if self._encoder is not None and (is_first or self._samples >= FILE_SECONDS * SAMPLE_RATE):
            self._close_file()
        if self._encoder is None:
            self._open_file(at)
        assert self._encoder is not None
        assert self._encoder.stdin is not None
        self._encoder.stdin.write(np.ascontiguousarray(samples, dtype="<f4").tobytes())
        self._samples += len(samples)

    def told(self, until: datetime) -> None:
        """The verdict log reaches this time: describe what lies before it."""
        for each in [each for each in self._finished if each[2] <= until]:
            self._finished.remove(each)
            self._describe(*each)

    def close(self) -> None:
        """Finish the file that grows; all verdicts are in the log."""
        if self._encoder is not None:
            self._close_file()
        for each in self._finished:
            self._describe(*each)
        self._finished = []

    def _open_file(self, at: datetime) -> None:
        self._drop_expired(at)
        self._file, self._started_at, self._samples = self._folder / f"{stem_of(at)}.ogg", at, 0
        raw = ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "1", "-i", "pipe:0"]
        growing = str(self._file.with_name(_GROWING + self._file.name))
        kind = ["-c:a", "libopus", "-b:a", "64k", "-flush_packets", "1", "-f", "ogg"]
        command = [ffmpeg(), "-hide_banner", "-loglevel", "quiet", "-y", "-threads", "1", *raw, *kind, growing]
        self._encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def _close_file(self) -> None:
        assert self._encoder is not None
        self._encoder.communicate()
        self._encoder = None
        self._file.with_name(_GROWING + self._file.name).rename(self._file)
        end = self._started_at + timedelta(seconds=self._samples / SAMPLE_RATE)
        self._finished.append((self._file, self._started_at, end))

    def _drop_expired(self, now: datetime) -> None:
        before = now - self._keep - timedelta(seconds=FILE_SECONDS)
        expired = [each for each in recordings_of(self._root, self._station) if each.started_at < before]
        labelled = self._labelled() if expired else frozenset()
        for each in expired:
            if each.name not in labelled:
                each.heard_path.unlink(missing_ok=True)
                each.path.unlink(missing_ok=True)


def describe(bundle: DetectorBundle, log: Path, file: Path, started_at: datetime, ended_at: datetime) -> None:
    """Write what was heard beside a recording, from the whole of it and from the log of its station."""
    try:
        (answer,) = detect(bundle, [file])
    except UserError as error:  # cut off before the first sound
        progress(f"watch: {error}")
        return
    seconds = list(verdicts(log, started_at.replace(microsecond=0), ended_at))
    write_text(file.with_suffix(".json"), orjson.dumps({**answer, "verdicts": seconds}).decode())
