"""What is kept about one device for its caps: shown and erased on request (PRV-3)."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import StageError
from core.settings import Settings
from serving.ad_decision.counters_of import counters_of
from serving.ad_decision.opt_outs import OptOuts

_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_PATIENCE_SECONDS = 30.0


def forget_device(settings: Settings, device_key: str) -> dict[str, int]:
    """Erase a device from the counters and the opt-outs, and from what SQLite keeps beside them.

    Returns:
        how many rows went, by store.

    Raises:
        StageError: somebody reads them without end.
    """
    paths, gone = settings.paths, {}
    if _are_there(settings):
        counters = counters_of(settings)
        gone["ad_decision/counters"] = counters.forget(device_key).result(timeout=60)
        counters.close()
        if paths.ads.counters.exists():
            _empty_log(paths.ads.counters)
    if paths.ads.opt_outs.exists():
        opt_outs = OptOuts(paths.ads.opt_outs)
        gone["ad_decision/opt_outs"] = int(opt_outs.has(device_key))
        opt_outs.set(device_key, False, _EVER)
        opt_outs.close()
        _empty_log(paths.ads.opt_outs)
    return gone


def stored_about(settings: Settings, device_key: str) -> list[dict[str, Any]]:
    """Return every reservation and play that stands under a device."""
    if not _are_there(settings):
        return []
    counters = counters_of(settings)
    plays = counters.plays([device_key], _EVER).result(timeout=60)
    counters.close()
    return [vars(play) for play in plays]


def _are_there(settings: Settings) -> bool:
    return settings.ad_decision.counters != "embedded" or settings.paths.ads.counters.exists()


def _empty_log(file: Path) -> None:
    """What was deleted stands in the write-ahead log until that is begun anew; readers may hold it for a moment."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with closing(sqlite3.connect(file, timeout=10.0)) as connection:
            (is_busy, *_) = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        if not is_busy:
            return
        if time.monotonic() > deadline:
            raise StageError(f"erase: {file.name} is read by somebody; end what does, then run this again")
        time.sleep(0.1)
