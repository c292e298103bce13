"""What a refresh says it changed, and why a device is where it is."""

from dataclasses import dataclass

CHANGES = ("new", "join", "leave", "split", "merge", "revert")


@dataclass(frozen=True)
class Change:
    """One line of the change feed (``core.contracts.households.CHANGES``)."""

    change: str
    """One of ``CHANGES``."""
    household_id: str
    device_key: str | None
    other_household_id: str | None
    at_ms: int
    reason: str


@dataclass(frozen=True)
class Evidence:
    """Why a device is counted to its household: counts, and the same in one English sentence."""

    device_key: str
    household_id: str | None
    confidence: float
    days: int
    """Days on which it was seen in the household's leases."""
    nights: int
    addresses: int
    """Leases of the household in which it was seen."""
    days_elsewhere: int
    co_seen: tuple[tuple[str, int], ...]
    """(other device of the household, days seen in one lease), most days first."""
    sentence: str
