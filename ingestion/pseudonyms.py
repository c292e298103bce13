"""Pseudonyms for many rows: distinct addresses are hashed, not rows, and what was hashed lately is remembered."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from core.privacy import Pseudonyms, is_device_mac, is_locally_administered, normalise_address, normalise_mac

_REMEMBERED = 400_000  # texts; bounds memory where every event brings a new one
_EPOCH = date(1970, 1, 1)


class PseudonymDesk:
    """Answers an Arrow column of texts with one of keys: null where a text is no fit address."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._devices: dict[str, tuple[str | None, bool | None]] = {}
        self._addresses: dict[str, str | None] = {}
        self._address_keys: dict[tuple[str, date], str] = {}
        self._users: dict[str, str | None] = {}

    def devices(self, macs: Any) -> tuple[Any, Any]:
        """Return (keys, whether the MAC is locally administered)."""
        _forget_if_many(self._devices)
        numbers, texts = _distinct(macs)
        found = [self._device(text) for text in texts]
        keys, are_local = (
            pa.array([key for key, _ in found], pa.string()),
            pa.array([is_local for _, is_local in found], pa.bool_()),
        )
        return keys.take(numbers), are_local.take(numbers)

    def _device(self, text: str) -> tuple[str | None, bool | None]:
        if text not in self._devices:
            mac = normalise_mac(text.strip())
            is_fit = mac is not None and is_device_mac(mac)
            self._devices[text] = (
                (self._pseudonyms.device_key(mac), is_locally_administered(mac)) if mac and is_fit else (None, None)
            )
        return self._devices[text]

    def addresses(self, texts: Any, happened_at: Any) -> Any:
        """Return the keys of public addresses, each under the key of its event's UTC day."""
        _forget_if_many(self._addresses)
        _forget_if_many(self._address_keys)
        numbers, distinct = _distinct(texts)
        days = happened_at.to_numpy().astype("datetime64[D]").astype(np.int64)
        # One number for a pair of address and day.
        pairs, places = np.unique(days * len(distinct) + numbers.to_numpy(), return_inverse=True)
        keys = [self._address_key(distinct[pair % len(distinct)], pair // len(distinct)) for pair in pairs.tolist()]
        return pa.array(keys, pa.string()).take(pa.array(places))

    def _address_key(self, text: str, day_number: int) -> str | None:
        if text not in self._addresses:
            self._addresses[text] = normalise_address(text.strip())
        address = self._addresses[text]
        if address is None:
            return None
        day = _EPOCH + timedelta(day_number)
        key = self._address_keys.get((address, day))
        if key is None:
            key = self._address_keys[address, day] = self._pseudonyms.address_key(address, day)
        return key

    def users(self, logins: Any) -> Any:
        """Return the keys of logins; an empty one is none."""
        _forget_if_many(self._users)
        numbers, texts = _distinct(logins)
        for text in texts:
            if text not in self._users:
                self._users[text] = self._pseudonyms.user_key(text) if text else None
        return pa.array([self._users[text] for text in texts], pa.string()).take(numbers)


def _distinct(texts: Any) -> tuple[Any, list[str]]:
    """Return the distinct texts of a column without nulls, and for each row the number of its text."""
    coded = texts.combine_chunks().dictionary_encode()
    return coded.indices, coded.dictionary.to_pylist()


def _forget_if_many(memory: dict[Any, Any]) -> None:
    if len(memory) > _REMEMBERED:
        memory.clear()
