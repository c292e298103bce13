"""What the lake tells ad decisions: consent, and every play of a spot that was heard or reported (AD-11, HH-11)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.algorithms.ads.plays import Play
from core.paths import Paths
from serving.ad_decision.audience import Audience
from serving.ad_decision.consents import Consents
from serving.ad_decision.counters import Counters
from serving.ad_decision.lake_tail import LakeTail

_COLUMNS = ["event", "event_id", "happened_at", "device_key", "device_class", "content_id", "spot_id", "break_id"]
_CONSENT = "has_advertising_consent"
_LOOKED_BACK = timedelta(days=2)
"""Older plays matter to no cap."""
_AT_ONCE = 500


class LakeFollower:
    """``refresh`` belongs into a background thread; it may be repeated after any failure."""

    def __init__(self, paths: Paths, audience: Audience, counters: Counters, clock: Callable[[], datetime]) -> None:
        self._paths, self._audience, self._counters, self._clock = paths, audience, counters, clock
        self._tail = LakeTail(paths)
        self._erased: int | None = None
        self._has_read = False

    def refresh(self) -> None:
        """Take new commits: everything at first, and again after an erasure, which rewrites files (PRV-3)."""
        erased = _stamp(self._paths.erased_devices)
        if erased != self._erased:
            self._tail, self._has_read, self._erased = LakeTail(self._paths), False, erased
        events, withdrawals = self._tail.new_files()
        if not events and not withdrawals:
            return
        try:
            if self._has_read:
                self._audience.consents.take(events, withdrawals)
            else:
                self._audience.consents = Consents.of(events, withdrawals)
                self._has_read = True
            self._note(events)
        except BaseException:
            self._tail, self._has_read = LakeTail(self._paths), False
            raise

    def _note(self, files: Sequence[Path]) -> None:
        since = self._clock() - _LOOKED_BACK
        heard = (play for file in files if hour_of(file) >= since - timedelta(hours=1) for play in _plays(file))
        while group := list(islice(heard, _AT_ONCE)):
            self._counters.note(group).result(timeout=60)


def hour_of(file: Path) -> datetime:
    """The UTC hour of a file's partition."""
    return datetime.strptime(file.parent.name, "hour=%Y-%m-%dT%H").replace(tzinfo=UTC)


def _plays(file: Path) -> Iterator[tuple[str, Play]]:
    """Plays in a file, of devices that had given consent to advertising; others reach no ad decision."""
    rows = pq.ParquetFile(file).read([*_COLUMNS, _CONSENT], use_threads=False)
    is_wanted = pc.and_(pc.and_(pc.equal(rows["event"], "ad"), rows[_CONSENT]), pc.is_valid(rows["device_key"]))
    for row in rows.filter(is_wanted).to_pylist():
        yield row["device_key"], play_of(row)


def play_of(row: dict[str, Any]) -> Play:
    """A row of ``core.contracts.lake.EVENTS`` as a play that was not reserved here, as far as is known."""
    return Play(
        play_id=f"event:{row['event_id']}",
        spot_id=row["spot_id"],
        creative=row["spot_id"],
        campaign_id=None,
        at=row["happened_at"].replace(tzinfo=UTC),
        break_id=row["break_id"],
        slot=0,
        state="played",
        device=row["device_key"],
        device_class=row["device_class"],
        content_id=row["content_id"],
    )


def _stamp(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None
