"""Where a device can be online: a household, an office, a cafe, a school, behind a mobile carrier's NAT."""

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Lease:
    """An address (IPv4, or an IPv6 /64 as its first address) that a place has for a time; until -1: still."""

    address: str
    place_id: str
    from_ms: int
    until_ms: int = -1


@dataclass
class Place:
    """A router and the addresses it had, in time."""

    place_id: str
    connection: str
    """``daily``, ``long``, ``shared`` (carrier NAT), ``fixed``, or ``behind`` (the router is another household's)."""
    reassigned_at_ms: int = 0
    """Time of the day at which the provider cuts a daily lease."""
    starts: list[int] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    prefix_starts: list[int] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    """IPv6 prefixes ending in a colon; none where the router speaks IPv4 only."""
    moves_at_ms: int = -1
    """When the household moves or changes its provider; -1: never."""
    moves_to: str = ""
    """The connection it has then."""
    tenants: list[str] = field(default_factory=list)
    """Other households behind the same router, by their place ids."""

    def put_behind(self, landlord: "Place") -> None:
        """Let this household use another one's router."""
        self.connection = "behind"
        self.starts, self.addresses = landlord.starts, landlord.addresses
        self.prefix_starts, self.prefixes = landlord.prefix_starts, landlord.prefixes
        landlord.tenants.append(self.place_id)

    @property
    def is_household(self) -> bool:
        return not self.place_id.startswith("place:")

    def address_at(self, at_ms: int) -> str:
        """Return the IPv4 address of the router at a time."""
        return self.addresses[max(bisect_right(self.starts, at_ms) - 1, 0)]

    def prefix_at(self, at_ms: int) -> str:
        """Return the IPv6 prefix at a time; only where there is one."""
        return self.prefixes[max(bisect_right(self.prefix_starts, at_ms) - 1, 0)]
