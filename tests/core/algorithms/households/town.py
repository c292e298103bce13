"""A small town for tests: who was seen where and when, drawn from a seed."""

import random
from dataclasses import dataclass

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
FIRST_DAY = 20_423  # a Monday


@dataclass(frozen=True)
class Sighting:
    """One event."""

    device: str
    address: str
    at_ms: int
    device_class: str
    is_local: bool = False
    user: str | None = None


def town(seed: int, households: int = 8, days: int = 8, prefix: str = "") -> list[Sighting]:
    """Households of two to four devices whose addresses go to others each night; an office and a carrier besides."""
    draw, seen = random.Random(seed), []
    addresses = [f"{prefix}ip{number}" for number in range(households + 1)]
    for day in range(FIRST_DAY, FIRST_DAY + days):
        draw.shuffle(addresses)
        for number in range(households):
            for place, name in enumerate(("tv", "smartphone", "tablet", "desktop")[: 2 + number % 3]):
                for _ in range(draw.randrange(3)):
                    hour = draw.choice((6, 12, 17, 18, 19, 20, 21))
                    at_ms = day * DAY_MS + hour * HOUR_MS + draw.randrange(60) * MINUTE_MS
                    where = addresses[number]
                    if name == "smartphone" and draw.random() < 0.3:
                        where = f"{prefix}carrier" if draw.random() < 0.5 else f"{prefix}office{number % 2}"
                    elif name == "smartphone" and draw.random() < 0.1:
                        where = addresses[draw.randrange(households)]
                    if name != "tv" and number % 3 == 0 and where == addresses[number] and draw.random() < 0.5:
                        where = f"{prefix}v6-{number}"
                    user = f"{prefix}u{number}" if place < 2 and number % 4 == 0 else None
                    device = f"{prefix}h{number}-{name}"
                    seen.append(Sighting(device, f"{where}@{day}", at_ms, name, name == "tablet", user))
    return seen


def observe(households: object, seen: list[Sighting]) -> None:
    """Hand sightings over."""
    households.observe(  # type: ignore[attr-defined]
        [s.device for s in seen], [s.address for s in seen], [s.at_ms for s in seen], [s.device_class for s in seen],
        [s.is_local for s in seen], [s.user for s in seen],
    )  # fmt: skip


def partition(households: object) -> set[frozenset[str]]:
    """Return who lives with whom."""
    rows = households.assignments().to_pylist()  # type: ignore[attr-defined]
    homes: dict[str, set[str]] = {}
    for row in rows:
        if row["until_at"] is None:
            homes.setdefault(row["household_id"], set()).add(row["device_key"])
    return {frozenset(members) for members in homes.values()}
