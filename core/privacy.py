"""Keyed pseudonyms: the only place that handles raw identifiers (PRV-1).

A device's key is HMAC-SHA256 over its normalised MAC under a key that lasts; an address's key is HMAC-SHA256 under a
key derived anew for each UTC day, so that an address is never followed by name across days.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
import socket
from datetime import date
from pathlib import Path

from core.errors import UserError
from core.secret_file import keep_once

_KEY_BYTES = 32
_DIGEST_HEX = 24  # 96 bits: no collision to be expected below 10^12 devices
_NOT_HEX = re.compile(r"[^0-9a-fA-F]")
_MAC_FORMS = re.compile(
    r"(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}"
    r"|[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}|[0-9a-fA-F]{12}"
)
DEVICE_KEY = re.compile(r"d_[0-9a-f]{24}")


def normalise_mac(text: str) -> str | None:
    """Return 12 lower-case hex digits, or None where the text is in none of the common notations."""
    if not _MAC_FORMS.fullmatch(text):
        return None
    return _NOT_HEX.sub("", text).lower()


def is_device_mac(mac: str) -> bool:
    """Tell whether a normalised MAC can belong to a device: not zeros, not broadcast."""
    return mac not in ("0" * 12, "f" * 12)


def device_mac(text: str) -> str:
    """Return a device's MAC as 12 lower-case hex digits.

    Raises:
        UserError: the text is no MAC, or one that no device has.
    """
    mac = normalise_mac(text.strip())
    if mac is None or not is_device_mac(mac):
        raise UserError(f"mac: '{text}' is no MAC address of a device; write e.g. aa:bb:cc:dd:ee:01")
    return mac


def is_locally_administered(mac: str) -> bool:
    """Tell whether a normalised MAC is locally administered (IEEE 802, second bit of the first octet)."""
    return bool(int(mac[1], 16) & 0x2)


def normalise_address(text: str) -> str | None:
    """Return the canonical public address: IPv4 as it is, IPv6 cut to its /64; None where it is no public one."""
    return _ordinary_address(text) or _any_address(text)


# Where nothing but public addresses is: what else there is (IANA's special-purpose registries) begins otherwise.
_ORDINARY_IPV4 = frozenset(range(1, 224)) - {10, 100, 127, 169, 172, 192, 198, 203}
_ORDINARY_IPV6 = frozenset(range(0x2003, 0x3F00))  # of 2000::/3; 2001::/16 and 2002::/16 have other things in them


def _ordinary_address(text: str) -> str | None:
    """The usual cases, at a tenth of the cost; None says nothing."""
    try:
        if ":" not in text:
            return text if socket.inet_pton(socket.AF_INET, text)[0] in _ORDINARY_IPV4 else None
        packed = socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return None
    if packed[0] << 8 | packed[1] not in _ORDINARY_IPV6:
        return None
    return socket.inet_ntop(socket.AF_INET6, packed[:8] + bytes(8)) + "/64"


def _any_address(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not address.is_global or address.is_multicast:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address) + "/64"


class Pseudonyms:
    """Makes pseudonyms under one secret. The secret never leaves this object."""

    def __init__(self, secret: bytes) -> None:
        self._device = hmac.digest(secret, b"device", "sha256")
        self._user = hmac.digest(secret, b"user", "sha256")
        self._address = hmac.digest(secret, b"address", "sha256")
        self._line = hmac.digest(secret, b"line", "sha256")
        self._day_keys: dict[date, bytes] = {}

    def device_key(self, mac: str) -> str:
        """Pseudonym of a normalised MAC; the same for ever."""
        return "d_" + _hex(self._device, mac)

    def user_key(self, login: str) -> str:
        return "u_" + _hex(self._user, login)

    def address_key(self, address: str, day: date) -> str:
        """Pseudonym of a normalised address on one UTC day; without relation to that of any other day."""
        key = self._day_keys.get(day)
        if key is None:
            key = self._day_keys[day] = hmac.digest(self._address, day.isoformat().encode(), "sha256")
        return "a_" + _hex(key, address)

    def line_key(self, line: bytes) -> str:
        """Keyed name of a raw line: an unkeyed digest would give its MAC away to whoever tries all of them."""
        return "l_" + hmac.digest(self._line, line, "sha256").hex()[:_DIGEST_HEX]

    def content_digest(self) -> hmac.HMAC:
        """A running keyed digest (``update``, ``copy``, ``hexdigest``) of a file that holds raw identifiers."""
        return hmac.new(self._line, digestmod="sha256")


def _hex(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()[:_DIGEST_HEX]


def load_pseudonyms(key_file: Path) -> Pseudonyms:
    """Load the secret, or make it once (mode 0600).

    Raises:
        UserError: the file is there but damaged: going on would break every device in two.
    """
    if not key_file.exists():
        keep_once(key_file, secrets.token_bytes(_KEY_BYTES))
    secret = key_file.read_bytes()
    if len(secret) != _KEY_BYTES:
        raise UserError(f"{key_file}: the pseudonym key is damaged ({len(secret)} bytes); restore it from a backup")
    return Pseudonyms(secret)


_MASKED_MAC = "<mac>"
_MASKED_ADDRESS = "<address>"
_MAC_IN_TEXT = re.compile(
    r"(?<![0-9a-fA-F])(?:(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}"
    r"|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}|[0-9a-fA-F]{12})(?![0-9a-fA-F])"
)
_MAC_SEPARATED = re.compile(
    r"(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}"
)
_IPV4_IN_TEXT = re.compile(r"(?<!\d)(?<!\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)")  # a full stop may follow
_IPV6_IN_TEXT = re.compile(r"(?<![0-9a-zA-Z:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:%\w+)?(?![0-9a-zA-Z:])")


def mask(text: str) -> str:
    """Replace everything in free text that looks like a MAC or an IP address (for the quarantine, PRV-1)."""
    text = _MAC_IN_TEXT.sub(_MASKED_MAC, text)
    text = _IPV4_IN_TEXT.sub(_MASKED_ADDRESS, text)
    return _IPV6_IN_TEXT.sub(_mask_ipv6, text)


def without_addresses(text: str, own_mac: str, pseudonyms: Pseudonyms) -> str:
    """Replace raw addresses in an id or label by keyed names, so that distinct ids stay distinct.

    Unlike ``mask`` it must not harm what only looks like one: twelve bare hex digits are taken for an address only if
    they are ``own_mac`` (normalised), and numbers with dots only if they are a public address.
    """

    def name_mac(match: re.Match[str]) -> str:
        return pseudonyms.line_key(_NOT_HEX.sub("", match.group(0)).lower().encode())

    def name_address(match: re.Match[str]) -> str:
        address = normalise_address(match.group(0).split("%")[0])
        return match.group(0) if address is None else pseudonyms.line_key(address.encode())

    text = _MAC_SEPARATED.sub(name_mac, text)
    text = re.sub(own_mac, name_mac, text, flags=re.IGNORECASE)
    return _IPV6_IN_TEXT.sub(name_address, _IPV4_IN_TEXT.sub(name_address, text))


def _mask_ipv6(match: re.Match[str]) -> str:
    """A time such as 12:30:15 has colons too: only what parses as an address is masked."""
    candidate = match.group(0)
    if candidate.count(":") < 2 or not any(character in candidate for character in "0123456789abcdefABCDEF"):
        return candidate
    try:
        ipaddress.ip_address(candidate.split("%")[0])
    except ValueError:
        return candidate
    return _MASKED_ADDRESS


def fingerprint(text: str) -> str:
    """Unkeyed digest for things that are no personal data (settings, files)."""
    return hashlib.sha256(text.encode()).hexdigest()
