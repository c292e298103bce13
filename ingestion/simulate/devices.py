"""Devices: their MAC in the notation of each log source, randomised ones among them, and their IPv6 interface part."""

import hashlib
from dataclasses import dataclass, field

from ingestion.simulate.places import Place
from ingestion.simulate.scenario import DAY_MS

ROTATION_MS = 14 * DAY_MS
"""A rotating MAC is replaced after this time."""
_VENDORS = ("3c9a77", "60d248", "9c14c2", "b0f7c4", "d446e1", "e8aa5d", "002f66", "78c2c0")


@dataclass
class Device:
    """A device of a household. ``owner`` is the index of the person whose login and consent it carries."""

    number: int
    device_class: str
    home: Place
    owner: int
    mac: str
    """12 hex digits, as burnt in."""
    style: int
    """Which notation its source prefers."""
    user_json: str = "null"
    is_randomised: bool = False
    is_rotating: bool = False
    has_ipv6: bool = False
    from_ms: int = 0
    until_ms: int = -1
    busy_until_ms: int = 0
    identity: int = -1
    """Number of the same device in the household it came from; -1: this is the first one."""
    mac_scope: str = "every-network"
    """Where a randomised MAC is another one: ``every-network``, ``every-wifi`` or ``nowhere``."""
    use_share: float = 1.0
    """Share of the sessions on it that take place: small for a device that is hardly ever used."""
    macs_used: dict[tuple[str, int], str] = field(default_factory=dict)
    """Randomised MACs already seen, by network and rotation."""

    def mac_at(self, seed: int, place: Place, at_ms: int) -> str:
        """Return the 12 hex digits shown in a network at a time."""
        if not self.is_randomised:
            return self.mac
        key = (self._network_of_mac(place), at_ms // ROTATION_MS if self.is_rotating else 0)
        if key not in self.macs_used:
            number = self.number if self.identity < 0 else self.identity
            digest = hashlib.blake2b(f"{seed}/{number}/{key}".encode(), digest_size=6).hexdigest()
            self.macs_used[key] = digest[0] + "2" + digest[2:]  # locally administered, not multicast
        return self.macs_used[key]

    def _network_of_mac(self, place: Place) -> str:
        """A mobile carrier sees no MAC: there an app reports the one it has at home."""
        if self.mac_scope == "nowhere":
            return ""
        is_wifi = not place.place_id.startswith("place:carrier")
        return place.place_id if is_wifi or self.mac_scope == "every-network" else self.home.place_id

    def interface_at(self, at_ms: int) -> str:
        """Return the interface part of its IPv6 address: a new one a day, as privacy extensions do."""
        mixed = ((self.number + 1) * 0x9E3779B97F4A7C15 + (at_ms // DAY_MS) * 0xBF58476D1CE4E5B9) % 2**64
        mixed = (mixed ^ mixed >> 31) * 0x94D049BB133111EB % 2**64
        return f"{mixed >> 48:x}:{mixed >> 32 & 0xFFFF:x}:{mixed >> 16 & 0xFFFF:x}:{mixed & 0xFFFF:x}"


def hardware_mac(seed: int, number: int) -> str:
    """Return the burnt-in MAC of a device: universal, unicast, unique by its number."""
    tail = (number * 2_654_435 + seed * 97) % 2**24  # odd factor: a permutation of 24 bits
    return f"{_VENDORS[(number >> 24) + number % len(_VENDORS)]}{tail:06x}"


def written(mac: str, style: int) -> str:
    """Write 12 hex digits in one of the four notations of the contract."""
    pairs = [mac[at : at + 2] for at in range(0, 12, 2)]
    if style == 0:
        return ":".join(pairs)
    if style == 1:
        return "-".join(pairs).upper()
    if style == 2:
        return f"{mac[:4]}.{mac[4:8]}.{mac[8:]}"
    return mac
