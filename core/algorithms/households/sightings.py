"""The evidence: a device was seen at an address in a bucket of time. A set: order and repetition do not matter."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.algorithms.households.parameters import CLASSES, DAY_MS, Parameters
from core.algorithms.households.presences import BUCKET_BITS, DEVICE_BITS, DEVICE_MASK, Ints, is_in

FORGOTTEN = ""
"""Stands for the key of a device that was erased."""
_CODE = {name: code for code, name in enumerate(CLASSES)}


class Sightings:
    """Sightings as sorted integers: address, bucket of the day, device.

    An address has another key each UTC day (PRV-1), so an address stands for one day.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._bucket_ms = parameters.bucket_minutes * 60_000
        self.device_keys: list[str] = []
        self.classes: list[int] = []
        self.is_local: list[bool] = []
        self.address_keys: list[str] = []
        self.address_days: list[int] = []
        self.withdrawn_ms: dict[str, int] = {}
        """By device key: it may be known before any of the device's events."""
        self.logins: dict[str, set[int]] = {}
        self.touched: set[int] = set()
        """Devices of which something else than sightings has changed since the last ``take_new``."""
        self.rows: Ints = np.empty(0, np.int64)
        self._device_of: dict[str, int] = {}
        self._address_of: dict[tuple[str, int], int] = {}
        self._new: list[Ints] = []

    def observe(
        self, device_keys: Sequence[str], address_keys: Sequence[str], at_ms: Sequence[int],
        device_classes: Sequence[str], is_mac_local: Sequence[bool | None] | None = None,
        user_keys: Sequence[str | None] | None = None,
    ) -> None:  # fmt: skip
        """Add sightings; parallel sequences."""
        if not len(device_keys):
            return
        at = np.asarray(at_ms, np.int64)
        devices = self._devices(device_keys, device_classes)
        days = (at // DAY_MS).tolist()
        addresses = np.array([self._address(key, day) for key, day in zip(address_keys, days, strict=True)], np.int64)
        packed = (addresses << BUCKET_BITS | at % DAY_MS // self._bucket_ms) << DEVICE_BITS | devices
        self._new.append(np.unique(packed))
        if is_mac_local is not None:
            flagged = devices[np.fromiter((bool(flag) for flag in is_mac_local), np.bool_, len(devices))]
            for device in np.unique(flagged).tolist():
                if not self.is_local[device]:
                    self.is_local[device] = True
                    self.touched.add(device)
        if user_keys is not None:
            for user, device in set(zip(user_keys, devices.tolist(), strict=True)):
                if user is not None:
                    self._log_in(user, device)

    def take_new(self) -> Ints:
        """Merge what came since the last call; returns the rows that were not known."""
        if not self._new:
            return np.empty(0, np.int64)
        new = np.unique(np.concatenate(self._new))
        new = new[~is_in(new, self.rows)]
        self.rows = np.insert(self.rows, np.searchsorted(self.rows, new), new)
        self._new = []
        return new

    def without(self, devices: Iterable[int]) -> Ints:
        """Take out all rows of some devices; returns them."""
        self.take_new()
        gone = np.isin(self.rows & DEVICE_MASK, np.array(sorted(devices), np.int64))
        removed, self.rows = self.rows[gone], self.rows[~gone]
        return removed

    def without_days_before(self, day: int) -> Ints:
        """Take out all rows of addresses of earlier days; returns them."""
        self.take_new()
        gone = np.asarray(self.address_days, np.int64)[addresses_of(self.rows)] < day
        removed, self.rows = self.rows[gone], self.rows[~gone]
        return removed

    def erase(self, device: int) -> None:
        """Forget a device's key and what was known of it beside its rows."""
        key = self.device_keys[device]
        del self._device_of[key]
        self.withdrawn_ms.pop(key, None)
        self.device_keys[device] = FORGOTTEN
        for user in [user for user, devices in self.logins.items() if device in devices]:
            self.touched |= self.logins[user]
            self.logins[user].discard(device)
            if not self.logins[user]:
                del self.logins[user]

    def device(self, key: str) -> int | None:
        """Return the number of a device, None if it was never seen."""
        return self._device_of.get(key)

    def begin_ms(self, rows: Ints) -> Ints:
        """Return the begin of each row's bucket."""
        days = np.asarray(self.address_days, np.int64)[addresses_of(rows)]
        return np.asarray(days * DAY_MS + (rows >> DEVICE_BITS & (1 << BUCKET_BITS) - 1) * self._bucket_ms)

    def login_pairs(self) -> Ints:
        """Return pairs of devices that share a login, packed, sorted, the smaller number first."""
        pairs = {
            one << DEVICE_BITS | other
            for devices in self.logins.values()
            if 1 < len(devices) <= self._parameters.max_login_devices
            for one in devices
            for other in devices
            if one < other
        }
        return np.array(sorted(pairs), np.int64)

    def save(self, folder: Path) -> None:
        """Write all of it below a folder, as Parquet."""
        self.take_new()
        withdrawn = sorted(self.withdrawn_ms.items())
        users = [(user, device) for user, known in sorted(self.logins.items()) for device in sorted(known)]
        tables: dict[str, dict[str, Any]] = {
            "devices": {
                "device_key": pa.array(self.device_keys, pa.string()),
                "device_class": pa.array(self.classes, pa.int8()), "is_local": pa.array(self.is_local, pa.bool_()),
            },
            "addresses": {
                "address_key": pa.array(self.address_keys, pa.string()), "day": pa.array(self.address_days, pa.int32()),
            },
            "logins": {
                "user_key": pa.array([user for user, _ in users], pa.string()),
                "device": pa.array([device for _, device in users], pa.int64()),
            },
            "withdrawals": {
                "device_key": pa.array([key for key, _ in withdrawn], pa.string()),
                "at_ms": pa.array([at for _, at in withdrawn], pa.int64()),
            },
            "sightings": {"row": pa.array(self.rows, pa.int64())},
        }  # fmt: skip
        for name, columns in tables.items():
            pq.write_table(pa.table(columns), folder / f"{name}.parquet")

    @classmethod
    def load(cls, folder: Path, parameters: Parameters) -> "Sightings":
        """Read what ``save`` wrote."""
        self = cls(parameters)

        def read(name: str) -> dict[str, list[Any]]:
            columns: dict[str, list[Any]] = pq.ParquetFile(folder / f"{name}.parquet").read().to_pydict()
            return columns

        devices, addresses, logins = read("devices"), read("addresses"), read("logins")
        withdrawals = read("withdrawals")
        self.device_keys, self.classes = devices["device_key"], devices["device_class"]
        self.is_local = devices["is_local"]
        self._device_of = {key: number for number, key in enumerate(self.device_keys) if key != FORGOTTEN}
        self.withdrawn_ms = dict(zip(withdrawals["device_key"], withdrawals["at_ms"], strict=True))
        self.address_keys, self.address_days = addresses["address_key"], addresses["day"]
        known = zip(self.address_keys, self.address_days, strict=True)
        self._address_of = {key: number for number, key in enumerate(known)}
        for user, device in zip(logins["user_key"], logins["device"], strict=True):
            self.logins.setdefault(user, set()).add(device)
        self.rows = pq.ParquetFile(folder / "sightings.parquet").read()["row"].to_numpy().astype(np.int64)
        return self

    def _devices(self, keys: Sequence[str], classes: Sequence[str]) -> Ints:
        known = self._device_of
        for key, name in set(zip(keys, classes, strict=True)):
            code = _CODE.get(name, len(CLASSES) - 1)
            number = known.get(key)
            if number is None:
                known[key] = len(self.device_keys)
                self.device_keys.append(key)
                self.classes.append(code)
                self.is_local.append(False)
            elif code < self.classes[number]:  # whatever came first: the order must not matter
                self.classes[number] = code
                self.touched.add(number)
        return np.array([known[key] for key in keys], np.int64)

    def _address(self, key: str, day: int) -> int:
        number = self._address_of.get((key, day))
        if number is None:
            number = self._address_of[key, day] = len(self.address_keys)
            self.address_keys.append(key)
            self.address_days.append(day)
        return number

    def _log_in(self, user: str, device: int) -> None:
        devices = self.logins.setdefault(user, set())
        if device not in devices:
            devices.add(device)
            self.touched |= devices


def addresses_of(rows: Ints) -> Ints:
    """Return the address of each row."""
    return np.asarray(rows >> (DEVICE_BITS + BUCKET_BITS))
