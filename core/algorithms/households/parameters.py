"""The fixed numbers of household evidence. Chosen on development seeds only, never on what it is measured with."""

from dataclasses import dataclass

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Parameters:
    """See each field; times in the unit of their name."""

    bucket_minutes: int = 5
    """A device at an address within so many minutes is one sighting, however many events it sends."""
    max_home_devices: int = 24
    """More devices in one lease than this are a crowd, whatever else speaks for a home."""
