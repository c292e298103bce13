"""Verdicts to airings: each spot heard, once, with the break it was in (AD-11). A pure function of the verdict log.

So whoever starts again reads the log's last hours, and comes to the same airings under the same ids: a kill between the
verdict and the airplay log loses none and doubles none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.contracts.ad_detection import VerdictLine

REPLAYED: Final = timedelta(hours=2)
"""So much of the log brings anybody to the same state: longer than any break with what may be around it."""
_LEAST_SECONDS: Final = 3
_NEW_BREAK: Final = timedelta(seconds=60)
_LATE: Final = timedelta(seconds=1)
_UNKNOWN_LENGTH: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Airing:
    """One spot on air."""

    station: str
    spot_id: str
    at: datetime
    """First second in which it was recognised."""
    break_at: datetime
    """When its break began: after a minute without any ad."""

    @property
    def event_id(self) -> str:
        """The same whoever hears it in this log, and whenever."""
        return f"heard:{self.station}:{self.spot_id}:{self.at:%Y%m%dT%H%M%SZ}"

    @property
    def break_id(self) -> str:
        return f"linear:{self.station}:{self.break_at:%Y%m%dT%H%M%SZ}"


@dataclass
class _Heard:
    at: datetime
    break_at: datetime
    seconds: int = 0


class Airings:
    """Take a station's lines in order.

    Args:
        station: its name.
        lengths: of the spots that are known, by id.
    """

    def __init__(self, station: str, lengths: Mapping[str, timedelta]) -> None:
        self._station, self._lengths = station, lengths
        self._spots: dict[str, _Heard] = {}
        self._break_at: datetime | None = None
        self._last_ad_at: datetime | None = None

    def take(self, line: VerdictLine) -> Airing | None:
        """An airing, at the second that makes it sure: three seconds of it were heard."""
        at = datetime.fromisoformat(line["at"])
        if line["label"] == "ad":
            if self._last_ad_at is None or self._break_at is None or at - self._last_ad_at > _NEW_BREAK:
                self._break_at = at
            self._last_ad_at = at
        spot_id = line["spot_id"]
        if spot_id is None:
            return None
        heard = self._spots.get(spot_id)
        # what is heard again within the spot's length is the same airing: after a gap, or a restart
        if heard is None or at > heard.at + self._lengths.get(spot_id, _UNKNOWN_LENGTH) + _LATE:
            heard = self._spots[spot_id] = _Heard(at, self._break_at or at)
        heard.seconds += 1
        if heard.seconds != _LEAST_SECONDS:
            return None
        return Airing(self._station, spot_id, heard.at, heard.break_at)
