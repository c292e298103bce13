"""A live stream to verdicts, one a second, as the sound comes (AD-7)."""

import time
from collections.abc import Callable, Iterator

from core.algorithms.audio.detector_bundle import DetectorBundle
from core.algorithms.audio.live import LiveDetector, Verdict
from core.errors import UserError
from serving.ad_detection.sound_source import SoundSource


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
        UserError: nothing could be heard at all, or the look-ahead is out of range.
    """
    detector = live_detector(bundle, look_ahead_s)
    for piece in SoundSource(source, most_tries, wait):
        yield from detector.push(piece.samples)
    yield from detector.finish()


def live_detector(bundle: DetectorBundle, look_ahead_s: float) -> LiveDetector:
    """A detector at a stream's start.

    Raises:
        UserError: the look-ahead is not what players buffer.
    """
    if not (4 <= look_ahead_s <= 30):
        raise UserError("look-ahead: give 4 to 30 seconds, as a player buffers")
    return LiveDetector(bundle, look_ahead_s)
