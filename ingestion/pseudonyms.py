"""Pseudonyms for many rows: distinct addresses are hashed, not rows, and what was hashed lately is remembered."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa

from core.privacy import Pseudonyms, is_device_mac, is_locally_administered, normalise_address, normalise_mac

_REMEMBERED = 400_000  # texts; bounds memory where every event brings a new one

_TEXT = pa.string()
_MACS = pa.schema([("mac", _TEXT), ("bare_mac", _TEXT), ("device_key", _TEXT), ("is_local", pa.bool_())])
_ADDRESSES = pa.schema([("ip", _TEXT), ("day", pa.date32()), ("address_key", _TEXT)])
_USERS = pa.schema([("login", _TEXT), ("user_key", _TEXT)])


class PseudonymDesk:
    """Answers with Arrow tables to join with; texts that are no fit address are left out of the answer."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._macs: dict[str, tuple[str, str, bool] | None] = {}
        self._addresses: dict[str, str | None] = {}
        self._address_keys: dict[tuple[str, date], str] = {}
        self._users: dict[str, str] = {}

    def macs(self, texts: Iterable[str]) -> Any:
        """Table (mac, bare_mac, device_key, is_local) of those texts that name a device."""
        _forget_if_many(self._macs)
        rows = []
        for text in texts:
            if text not in self._macs:
                self._macs[text] = self._mac(text)
            if (found := self._macs[text]) is not None:
                rows.append((text, *found))
        return _table(rows, _MACS)

    def _mac(self, text: str) -> tuple[str, str, bool] | None:
        mac = normalise_mac(text.strip())
        if mac is None or not is_device_mac(mac):
            return None
        return mac, self._pseudonyms.device_key(mac), is_locally_administered(mac)

    def addresses(self, pairs: Iterable[tuple[str, date]]) -> Any:
        """Table (ip, day, address_key) of those texts that are public addresses, each under its day's key."""
        _forget_if_many(self._addresses)
        _forget_if_many(self._address_keys)
        rows = []
        for text, day in pairs:
            if text not in self._addresses:
                self._addresses[text] = normalise_address(text.strip())
            address = self._addresses[text]
            if address is None:
                continue
            key = self._address_keys.get((address, day))
            if key is None:
                key = self._address_keys[address, day] = self._pseudonyms.address_key(address, day)
            rows.append((text, day, key))
        return _table(rows, _ADDRESSES)

    def users(self, logins: Iterable[str]) -> Any:
        """Table (login, user_key)."""
        _forget_if_many(self._users)
        rows = []
        for login in logins:
            if login not in self._users:
                self._users[login] = self._pseudonyms.user_key(login)
            rows.append((login, self._users[login]))
        return _table(rows, _USERS)


def _forget_if_many(memory: dict[Any, Any]) -> None:
    if len(memory) > _REMEMBERED:
        memory.clear()


def _table(rows: list[tuple[Any, ...]], schema: Any) -> Any:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
