"""The airplay log: every spot heard as one `ad` event that ingestion takes in (AD-11, HH-11).

Lines are in the form of ``paths.ads.plays``: the log's `ad` event behind the door, under pseudonyms (PRV-1). A line is
durable before the next verdict is taken.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from core.algorithms.audio.fingerprint_index import Clip
from core.algorithms.audio.frames import FRAMES_A_SECOND
from core.contracts.ad_detection import VerdictLine
from core.domain import DeviceClass
from core.storage import fsync_directory
from serving.ad_detection.airings import REPLAYED, Airing, Airings
from serving.ad_detection.verdict_log import instant_of, verdicts


@dataclass(frozen=True)
class Viewer:
    """Whose set shows the station; with consent to advertising only (PRV-2), else nobody is named."""

    device_key: str | None = None
    device_class: DeviceClass = "tv"


NOBODY: Final = Viewer()
"""Nobody is named: the airplay log of the station alone."""


class Airplay:
    """One station's airings into the log; files of its own, ``heard-<station>.jsonl``, one an hour.

    Args:
        plays: ``paths.ads.plays``.
        station: its name; the caller holds its verdict log.
        clips: of the hotlist.
        viewer: who watches here.
    """

    def __init__(self, plays: Path, station: str, clips: Iterable[Clip], viewer: Viewer) -> None:
        self._plays, self._station, self._viewer = plays, station, viewer
        lengths = {clip.clip_id: timedelta(seconds=clip.frames / FRAMES_A_SECOND) for clip in clips}
        self._airings = Airings(station, lengths)
        self._longest = max(lengths.values(), default=timedelta())

    def catch_up(self, folder: Path, now: datetime) -> int:
        """Take the log's last hours again, as after any start; returns how many airings were new to the airplay log.

        What began before the stretch that is read again may look as if it began within it; it is left alone.
        """
        lines = list(verdicts(folder, now - REPLAYED, now + REPLAYED))
        if not lines:
            return 0
        sure_from = instant_of(lines[0])
        if any(True for _ in verdicts(folder, sure_from - REPLAYED, sure_from)):
            sure_from += self._longest + timedelta(minutes=1)
        found = [airing for line in lines if (airing := self._airings.take(line)) is not None]
        return sum(self._keep(airing) for airing in found if airing.at >= sure_from)

    def take(self, line: VerdictLine) -> Airing | None:
        """Take a new line; returns what was added to the airplay log."""
        airing = self._airings.take(line)
        return airing if airing is not None and self._keep(airing) else None

    def _keep(self, airing: Airing) -> bool:
        folder = self._plays / airing.at.strftime("hour=%Y-%m-%dT%H")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"heard-{self._station}.jsonl"
        kept = _whole_lines(file)
        name = orjson.dumps(airing.event_id)
        if any(name in line for line in kept):
            return False
        with file.open("ab") as opened:
            opened.write(orjson.dumps(self._event(airing), option=orjson.OPT_APPEND_NEWLINE))
            opened.flush()
            os.fsync(opened.fileno())
        if not kept:
            fsync_directory(folder)
            fsync_directory(self._plays)
        return True

    def _event(self, airing: Airing) -> dict[str, Any]:
        return {
            "event_id": airing.event_id,
            "at": airing.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "device_key": self._viewer.device_key,
            "device_class": self._viewer.device_class,
            "content_id": f"live:{self._station}",
            "spot_id": airing.spot_id,
            "break_id": airing.break_id,
        }


def _whole_lines(file: Path) -> list[bytes]:
    """Lines of a file; what a kill left half-written is cut off."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return []
    if data and not data.endswith(b"\n"):
        os.truncate(file, data.rfind(b"\n") + 1)
    return data[: data.rfind(b"\n") + 1].splitlines()
