"""A station followed for good: its verdicts into the log, its spots into the airplay log (AD-7, AD-11)."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.live import Verdict
from core.audio_decoding import SAMPLE_RATE
from core.contracts.ad_detection import VERDICT_LABELS, VerdictLine, instant_text, recordings, verdict_logs
from core.contracts.ad_labels import labels_folder, read_corrections
from core.paths import Paths
from serving.ad_detection.airplay import NOBODY, Airplay, Viewer
from serving.ad_detection.levels import LevelMeter
from serving.ad_detection.live import live_detector
from serving.ad_detection.recorder import Recorder, describe
from serving.ad_detection.sound_clock import SoundClock
from serving.ad_detection.sound_source import Piece
from serving.ad_detection.verdict_log import VerdictLog


@dataclass(frozen=True)
class WatchOptions:
    """What a person may ask of it."""

    look_ahead_s: float = 4.0
    keep_hours: float = 0.0
    """Of sound, on this machine; 0: none."""
    kept_days: int = 30
    """Of verdicts (PRV-4)."""
    viewer: Viewer = NOBODY


class Watch:
    """One station's verdicts, until the sound ends.

    Args:
        bundle: the detector.
        paths: of the home.
        station: its name.
        clock: ties seconds of the sound to times.
        now: the time.
        options: as asked.

    Raises:
        UserError: the name is none or is watched already, or an option is out of range.
    """

    def __init__(
        self,
        bundle: DetectorBundle,
        paths: Paths,
        station: str,
        clock: SoundClock,
        now: Callable[[], datetime],
        options: WatchOptions,
    ) -> None:
        self._detector = live_detector(bundle, options.look_ahead_s)
        self._clock, self._now, self._options = clock, now, options
        self._log = VerdictLog(verdict_logs(paths), station)
        self._airplay = Airplay(paths.ads.plays, station, bundle.hotlist.clips, options.viewer)
        if self._log.last_at:
            self._airplay.catch_up(self._log.folder, datetime.fromisoformat(self._log.last_at))
        self._levels, self._samples, self._day = LevelMeter(), 0, ""
        self._recorder: Recorder | None = None
        self._describing: list[threading.Thread] = []
        if options.keep_hours > 0:
            keep, write = timedelta(hours=options.keep_hours), partial(self._describe, bundle)
            self._recorder = Recorder(recordings(paths), station, keep, write, partial(_labelled, paths))

    def run(self, sound: Iterable[Piece], tell: Callable[[VerdictLine], None] = lambda _: None) -> None:
        """Take all sound; ``tell`` gets each line that was written."""
        try:
            for piece in sound:
                self._hear(piece)
                self._write(self._detector.push(piece.samples), tell)
            self._write(self._detector.finish(), tell)
        finally:
            if self._recorder is not None:
                self._recorder.close()
            for thread in self._describing:
                thread.join()
            self._log.close()

    def _hear(self, piece: Piece) -> None:
        before = self._samples / SAMPLE_RATE
        self._samples += len(piece.samples)
        self._clock.hear(self._samples / SAMPLE_RATE, self._now(), piece.is_first)
        self._levels.push(piece.samples)
        if self._recorder is not None:
            self._recorder.push(piece.samples, self._clock.at(round(before)), piece.is_first)

    def _write(self, said: Iterable[Verdict], tell: Callable[[VerdictLine], None]) -> None:
        for verdict in said:
            second = int(verdict.at_s)
            at = self._clock.at(second)
            line = _line(verdict, at, self._levels.of(second))
            if not self._log.append(line):
                continue
            self._airplay.take(line)
            tell(line)
            if line["at"][:10] != self._day:
                self._day = line["at"][:10]
                self._log.drop_before((at - timedelta(days=self._options.kept_days)).date())
            if self._recorder is not None:
                self._recorder.told(at + timedelta(seconds=1))

    def _describe(self, bundle: DetectorBundle, file: Path, started_at: datetime, ended_at: datetime) -> None:
        """Beside the sound that goes on: a whole recording takes seconds, and verdicts are waited for."""
        thread = threading.Thread(target=describe, args=(bundle, self._log.folder, file, started_at, ended_at))
        self._describing = [*(each for each in self._describing if each.is_alive()), thread]
        thread.start()


def _line(verdict: Verdict, at: datetime, level_db: float) -> VerdictLine:
    return VerdictLine(
        at=instant_text(at),
        label=verdict.label,
        confidence=verdict.confidence,
        probabilities=dict(zip(VERDICT_LABELS, verdict.probabilities, strict=True)),
        level_db=level_db,
        spot_id=verdict.spot_id,
    )


def _labelled(paths: Paths) -> frozenset[str]:
    return frozenset(each.recording for each in read_corrections(labels_folder(paths)) if each.recording)
