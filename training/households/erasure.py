"""PRV-3: devices are forgotten in everything that is known of households.

An order lies as a file in ``paths.household_erasures`` until it is carried out: whoever is killed meanwhile carries it
out when started again. It is to be given after the lake has been cleaned: commits not yet taken are read from there.
"""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.algorithms.households.change import Change
from core.errors import StageError
from core.paths import Paths
from core.settings import Settings
from core.storage import fsync_directory, write_text
from training.households import ownership

_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Order:
    """Devices to forget."""

    file: Path
    device_keys: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.file.stem

    def done(self) -> None:
        """Remove the order: it names the devices."""
        self.file.unlink()
        fsync_directory(self.file.parent)


def waiting(paths: Paths) -> list[Order]:
    """Return the orders that are not carried out."""
    files = sorted(paths.household_erasures.glob("*.json"))
    return [Order(file, tuple(json.loads(file.read_text())["device_keys"])) for file in files]


def order(paths: Paths, device_keys: list[str]) -> Order:
    """Give an order to forget devices; whoever writes the households carries it out before the next commit."""
    for left in paths.household_erasures.glob(".*.tmp"):  # of one that was killed: it names devices
        left.unlink()
    file = paths.household_erasures / f"{uuid.uuid4().hex}.json"
    write_text(file, json.dumps({"device_keys": sorted(device_keys)}))
    return Order(file, tuple(device_keys))


def erase(
    settings: Settings, device_keys: list[str], clock: Callable[[], datetime], patience_seconds: float = 60.0
) -> None:
    """Forget devices now: by the live consumer where one runs, else here. Returns when it is done.

    Raises:
        StageError: somebody else writes the households, and did not carry it out in time; the order stays.
    """
    if not settings.paths.households.exists():
        return
    given = order(settings.paths, device_keys)
    ends_at = time.monotonic() + patience_seconds
    while given.file.exists():
        with ownership.tried(settings.paths, "erasure") as holder:
            if holder is None:
                _carry_out(settings, clock)
                continue
        if time.monotonic() > ends_at:
            raise StageError(
                f"households: {holder} has not forgotten the devices in {patience_seconds:.0f} s; they are forgotten "
                "at its next step, or at the next `mediathek households follow`"
            )
        time.sleep(_LOOK_SECONDS)


def keys_of(orders: list[Order]) -> list[str]:
    """Return the devices that orders name."""
    return sorted({key for order in orders for key in order.device_keys})


def names_of(orders: list[Order]) -> str:
    """Return the names of orders as one text."""
    return " ".join(order.name for order in orders)


def blanked(changes: list[Change], device_keys: list[str]) -> list[Change]:
    """Return what changed without the names of devices that are no more."""
    gone = set(device_keys)
    return [replace(change, device_key=None) if change.device_key in gone else change for change in changes]


def _carry_out(settings: Settings, clock: Callable[[], datetime]) -> Any:
    from training.households.consumer import Consumer

    consumer = Consumer(settings, clock)
    try:
        consumer.start()
        while waiting(settings.paths):
            consumer.work()
    finally:
        consumer.close()
