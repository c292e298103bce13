"""Tracking addresses that cannot be forged: a break's slot and an event, signed with HMAC-SHA256, until a time."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from core.errors import UserError
from core.secret_file import keep_once

_KEY_BYTES = 32
_SIGNATURE_BYTES = 16


class ForgedError(Exception):
    """The address was not made here, or changed since."""


@dataclass(frozen=True)
class Ticket:
    """What one address stands for."""

    break_id: str
    fingerprint: str
    slot: int
    event: str
    expires_at: datetime


class Signer:
    """Makes tickets into text and back; the key never leaves this object."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"ad tracking", "sha256")

    def sign(self, ticket: Ticket) -> str:
        until = int(ticket.expires_at.timestamp())
        data = orjson.dumps([ticket.break_id, ticket.fingerprint, ticket.slot, ticket.event, until])
        return _text(data) + "." + _text(self._signature(data))

    def read(self, text: str) -> Ticket:
        """Read what ``sign`` made; whether it has expired is the caller's to ask.

        Raises:
            ForgedError: it is not of this server.
        """
        data, _, signature = text.partition(".")
        try:
            raw, given = _bytes(data), _bytes(signature)
        except (binascii.Error, ValueError):
            raise ForgedError from None
        is_canonical = _text(raw) == data and _text(given) == signature  # one text a ticket, no other that reads alike
        if not is_canonical or not hmac.compare_digest(self._signature(raw), given):
            raise ForgedError
        break_id, fingerprint, slot, event, until = orjson.loads(raw)
        return Ticket(break_id, fingerprint, slot, event, datetime.fromtimestamp(until, UTC))

    def _signature(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")[:_SIGNATURE_BYTES]


def load_signer(key_file: Path) -> Signer:
    """Load the key, or make it once (mode 0600).

    Raises:
        UserError: the file is there but damaged.
    """
    if not key_file.exists():
        keep_once(key_file, secrets.token_bytes(_KEY_BYTES))
    key = key_file.read_bytes()
    if len(key) != _KEY_BYTES:
        raise UserError(f"{key_file}: the key of tracking addresses is damaged; delete it, and a new one is made")
    return Signer(key)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
