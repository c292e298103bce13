"""Leases in time: 24-hour reassignment with addresses going to strangers, long leases, /64 prefixes, carrier NAT."""

import random
from dataclasses import dataclass, field

from ingestion.simulate.addresses import Pool, pool, prefix
from ingestion.simulate.places import Lease, Place
from ingestion.simulate.scenario import DAY_MS, HOUR_MS, Scenario

REBOOT_CHANCE = 0.02
"""A day's chance that a long lease ends: a power cut, a new router."""


@dataclass
class LeaseBook:
    """Hands out addresses day by day and remembers every lease for the truth."""

    scenario: Scenario
    stream: random.Random
    pools: dict[str, Pool] = field(default_factory=dict)
    used_prefixes: set[str] = field(default_factory=set)
    gates: list[str] = field(default_factory=list)
    """Addresses of the carrier NAT."""
    finished: list[Lease] = field(default_factory=list)
    """Leases that have ended and are not written yet."""

    def open(self, places: list[Place], start_ms: int) -> None:
        """Give every place its first address."""
        counts = {
            kind: sum(kind in (place.connection, place.moves_to) for place in places)
            for kind in ("daily", "long", "shared", "fixed")
        }
        self.pools = {
            "daily": pool(self.stream, "84.128.1.10", int(counts["daily"] * 1.1) + 3, 3),
            "long": pool(self.stream, "91.10.1.10", int(counts["long"] * 1.2) + 8, 7),
            "shared": pool(self.stream, "100.0.3.1", counts["shared"] // 24 + 1, 5),
            "fixed": pool(self.stream, "62.96.20.1", counts["fixed"] + 1, 9),
        }
        self.gates = gates = [self.pools["shared"].take() for _ in range(counts["shared"] // 24 + 1)]
        for place in places:
            if place.connection == "behind":
                continue
            address = self.stream.choice(gates) if place.connection == "shared" else self.pools[place.connection].take()
            place.starts.append(start_ms)
            place.addresses.append(address)
            if place.is_household and (place.connection == "shared" or self.stream.random() < 0.35):
                place.prefix_starts.append(start_ms)
                place.prefixes.append(prefix(self.stream, self.used_prefixes))

    def pass_night(self, places: list[Place], day: int) -> None:
        """Cut the leases that end on a day, in the order of their times, so that no address has two holders."""
        changes = []
        for number, place in enumerate(places):
            if place.connection == "daily":
                changes.append((day * DAY_MS + place.reassigned_at_ms, number))
            elif place.connection == "long" and self.stream.random() < REBOOT_CHANCE:
                changes.append((day * DAY_MS + self.stream.randrange(6 * HOUR_MS, 22 * HOUR_MS), number))
            if place.moves_at_ms // DAY_MS == day:
                changes.append((place.moves_at_ms, number))
        for at_ms, number in sorted(changes):
            if at_ms > places[number].starts[-1]:
                self._reassign(places[number], at_ms)

    def _reassign(self, place: Place, at_ms: int) -> None:
        old, before = place.addresses[-1], place.connection
        if at_ms == place.moves_at_ms:
            place.connection = place.moves_to
        elif before == "shared":
            return  # moved into it earlier on the same day
        self._finish(place, old, place.starts[-1], at_ms)
        is_shared = place.connection == "shared"
        place.addresses.append(self.stream.choice(self.gates) if is_shared else self.pools[place.connection].take())
        if before != "shared":
            self.pools[before].give_back(old)
        place.starts.append(at_ms)
        if place.prefixes:
            self._finish(place, place.prefixes[-1] + ":", place.prefix_starts[-1], at_ms)
            place.prefixes.append(prefix(self.stream, self.used_prefixes))
            place.prefix_starts.append(at_ms)

    def _finish(self, place: Place, address: str, from_ms: int, until_ms: int) -> None:
        for place_id in (place.place_id, *place.tenants):
            self.finished.append(Lease(address, place_id, from_ms, until_ms))

    def current(self, places: list[Place]) -> list[Lease]:
        """Return the leases that still run."""
        running = []
        for place in places:  # a tenant's addresses are those of its landlord
            running.append(Lease(place.addresses[-1], place.place_id, place.starts[-1]))
            if place.prefixes:
                running.append(Lease(place.prefixes[-1] + ":", place.place_id, place.prefix_starts[-1]))
        return running
