"""The evidence: a device was seen at an address in a bucket of time. A set: order and repetition do not matter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.households.parameters import DAY_MS, Parameters


class Sightings:
    """Sightings as sorted integers: address (28 bits), bucket of the day (10 bits), device (25 bits).

    An address has another key each UTC day (PRV-1), so an address stands for one day.
    """

    DEVICE_BITS, BUCKET_BITS = 25, 10

    def __init__(self, parameters: Parameters) -> None:
        self._bucket_ms = parameters.bucket_minutes * 60_000
        self.device_keys: list[str] = []
        self.address_keys: list[str] = []
        self.address_days: list[int] = []
        self.classes: list[str] = []
        self._device_of: dict[str, int] = {}
        self._address_of: dict[tuple[str, int], int] = {}
        self.is_local: set[int] = set()
        self.withdrawn_ms: dict[int, int] = {}
        self.logins: dict[str, set[int]] = {}
        self.rows = np.empty(0, np.int64)
        self._new: list[np.ndarray[Any, Any]] = []

    def observe(
        self, device_keys: Sequence[str], address_keys: Sequence[str], at_ms: Sequence[int],
        device_classes: Sequence[str], is_mac_local: Sequence[bool | None] | None = None,
        user_keys: Sequence[str | None] | None = None,
    ) -> None:  # fmt: skip
        """Add sightings; parallel sequences."""
        if not len(device_keys):
            return
        at = np.asarray(at_ms, np.int64)
        devices = np.array([self._device(key, name) for key, name in zip(device_keys, device_classes, strict=True)])
        days = at // DAY_MS
        addresses = np.array([self._address(key, day) for key, day in zip(address_keys, days.tolist(), strict=True)])
        self._new.append(self._packed(devices, addresses, at % DAY_MS // self._bucket_ms))
        if is_mac_local is not None:
            self.is_local.update(devices[np.fromiter((bool(flag) for flag in is_mac_local), bool)].tolist())
        if user_keys is not None:
            for user, device in zip(user_keys, devices.tolist(), strict=True):
                if user is not None:
                    self.logins.setdefault(user, set()).add(device)

    def take_new(self) -> "np.ndarray[Any, Any]":
        """Merge what came since the last call and return the rows that were not known."""
        new = np.setdiff1d(np.concatenate(self._new), self.rows) if self._new else np.empty(0, np.int64)
        self._new = []
        self.rows = np.union1d(self.rows, new)
        return new

    def columns(self) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
        """Return (device, address, bucket) of all rows, by address and time."""
        return (
            self.rows & ((1 << self.DEVICE_BITS) - 1),
            self.rows >> (self.DEVICE_BITS + self.BUCKET_BITS),
            (self.rows >> self.DEVICE_BITS) & ((1 << self.BUCKET_BITS) - 1),
        )

    def device(self, key: str) -> int | None:
        """Return the number of a device, None if it was never seen."""
        return self._device_of.get(key)

    def keep(self, is_kept: "np.ndarray[Any, Any]") -> None:
        """Keep only these of the rows."""
        self.rows = self.rows[is_kept]

    def at_ms(self) -> "np.ndarray[Any, Any]":
        """Return the begin of each row's bucket."""
        _, addresses, buckets = self.columns()
        return np.asarray(self.address_days, np.int64)[addresses] * DAY_MS + buckets * self._bucket_ms

    def save(self, folder: Path) -> None:
        """Write all of it below a folder, as Parquet."""
        folder.mkdir(parents=True, exist_ok=True)
        self.take_new()
        devices = {
            "device_key": self.device_keys,
            "device_class": self.classes,
            "is_local": [number in self.is_local for number in range(len(self.device_keys))],
            "withdrawn_ms": [self.withdrawn_ms.get(number) for number in range(len(self.device_keys))],
        }
        pq.write_table(pa.table(devices), folder / "devices.parquet")
        pq.write_table(
            pa.table({"address_key": self.address_keys, "day": self.address_days}), folder / "addresses.parquet"
        )
        users = [(user, device) for user, known in sorted(self.logins.items()) for device in sorted(known)]
        pq.write_table(
            pa.table({"user_key": [u for u, _ in users], "device": [d for _, d in users]}), folder / "logins.parquet"
        )
        pq.write_table(pa.table({"row": self.rows}), folder / "sightings.parquet")

    @classmethod
    def load(cls, folder: Path, parameters: Parameters) -> "Sightings":
        """Read what ``save`` wrote."""
        self = cls(parameters)
        devices = pq.read_table(folder / "devices.parquet").to_pydict()
        self.device_keys, self.classes = devices["device_key"], devices["device_class"]
        self._device_of = {key: number for number, key in enumerate(self.device_keys)}
        self.is_local = {number for number, flag in enumerate(devices["is_local"]) if flag}
        self.withdrawn_ms = {n: at for n, at in enumerate(devices["withdrawn_ms"]) if at is not None}
        addresses = pq.read_table(folder / "addresses.parquet").to_pydict()
        self.address_keys, self.address_days = addresses["address_key"], addresses["day"]
        self._address_of = {
            key: number for number, key in enumerate(zip(self.address_keys, self.address_days, strict=True))
        }
        logins = pq.read_table(folder / "logins.parquet").to_pydict()
        for user, device in zip(logins["user_key"], logins["device"], strict=True):
            self.logins.setdefault(user, set()).add(device)
        self.rows = pq.read_table(folder / "sightings.parquet")["row"].to_numpy().astype(np.int64)
        return self

    def _device(self, key: str, device_class: str) -> int:
        number = self._device_of.get(key)
        if number is None:
            number = self._device_of[key] = len(self.device_keys)
            self.device_keys.append(key)
            self.classes.append(device_class)
        elif device_class < self.classes[number]:
            self.classes[number] = device_class  # whatever came first: the order must not matter
        return number

    def _address(self, key: str, day: int) -> int:
        number = self._address_of.get((key, day))
        if number is None:
            number = self._address_of[key, day] = len(self.address_keys)
            self.address_keys.append(key)
            self.address_days.append(day)
        return number

    def _packed(
        self, devices: "np.ndarray[Any, Any]", addresses: "np.ndarray[Any, Any]", buckets: "np.ndarray[Any, Any]"
    ) -> "np.ndarray[Any, Any]":
        packed = (addresses.astype(np.int64) << self.BUCKET_BITS | buckets) << self.DEVICE_BITS | devices
        return np.unique(packed)
