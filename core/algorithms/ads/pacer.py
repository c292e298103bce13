"""What paces delivery, as the chooser sees it, and the simplest one: even."""

from datetime import datetime
from typing import Protocol


class Pacer(Protocol):
    """Says how much a campaign wants an opportunity now, and is told what it got (HH-10)."""

    def weight(self, campaign_id: str, device_class: str, at: datetime) -> float:
        """0..1: multiplies the campaign's chance; 0 holds it back now."""
        ...

    def count(self, campaign_id: str, device_class: str, at: datetime, number: int = 1) -> None:
        """Take note of spots that were placed; a negative number was given back."""
        ...


class EvenPacer:
    """Every campaign always wants: the baseline of pacing."""

    def weight(self, campaign_id: str, device_class: str, at: datetime) -> float:
        return 1.0

    def count(self, campaign_id: str, device_class: str, at: datetime, number: int = 1) -> None:
        return None
