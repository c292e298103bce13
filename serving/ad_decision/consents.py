"""Who has given consent to advertising now (PRV-2): by the newest event of each device and what was withdrawn since.

Read once from the whole lake, then kept up commit by commit. Until the first reading is over nobody counts as having
given it: what is shown meanwhile goes by the content alone.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.storage import connect
from serving.ad_decision.homes import row_of

_EVENTS = """
    select
        device_key,
        coalesce(epoch_us(max(happened_at) filter (has_advertising_consent)), -1) as agreed,
        epoch_us(max(happened_at)) as seen
    from read_parquet($files, union_by_name = true)
    where device_key is not null
    group by device_key
    order by device_key
"""
_ENDED = """
    select device_key, epoch_us(max(withdrawn_at))
    from read_parquet($files, union_by_name = true)
    where purpose = 'advertising'
    group by device_key
"""
_MEMORY_MEGABYTES = 1000
_Times = tuple[int, int]
_NEVER = -1


class Consents:
    """Asked by requests, changed by one background thread."""

    def __init__(self) -> None:
        self._keys: npt.NDArray[np.bytes_] = np.zeros(0, "S26")
        self._agreed = np.zeros(0, np.int64)
        self._seen = np.zeros(0, np.int64)
        self._newer: dict[str, _Times] = {}
        self._ended: dict[str, int] = {}

    @staticmethod
    def of(events: Iterable[Path], withdrawals: Iterable[Path]) -> "Consents":
        """Read the whole lake."""
        consents, files = Consents(), [str(file) for file in events]
        if files:
            with connect(_MEMORY_MEGABYTES, threads=1) as connection:
                found = connection.execute(_EVENTS, {"files": files}).fetchnumpy()
            consents._keys = np.array(found["device_key"].tolist(), "S26")
            consents._agreed = found["agreed"].astype(np.int64)
            consents._seen = found["seen"].astype(np.int64)
        consents.take((), withdrawals)
        return consents

    def has(self, device_key: str) -> bool:
        """Tell whether the device's newest event has consent and none was withdrawn after it."""
        agreed, seen = self._times(device_key)
        return agreed != _NEVER and agreed >= seen and self._ended.get(device_key, _NEVER) <= agreed

    def take(self, events: Iterable[Path], withdrawals: Iterable[Path]) -> None:
        """Take files of newer commits; the same again is no change."""
        files, ended = [str(file) for file in events], [str(file) for file in withdrawals]
        if not files and not ended:
            return
        with connect(_MEMORY_MEGABYTES, threads=1) as connection:
            rows = connection.execute(_EVENTS, {"files": files}).fetchall() if files else []
            gone = connection.execute(_ENDED, {"files": ended}).fetchall() if ended else []
        for device_key, agreed, seen in rows:
            before = self._times(device_key)
            self._newer[device_key] = (max(agreed, before[0]), max(seen, before[1]))
        for device_key, withdrawn in gone:
            self._ended[device_key] = max(withdrawn, self._ended.get(device_key, _NEVER))

    def _times(self, device_key: str) -> _Times:
        newer = self._newer.get(device_key)
        if newer is not None:
            return newer
        row = row_of(self._keys, device_key)
        return (_NEVER, _NEVER) if row is None else (int(self._agreed[row]), int(self._seen[row]))
