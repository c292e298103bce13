"""A break that wants spots, and what may be known of who watches it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Viewer:
    """What ad decisions may know: with consent to advertising, and above the stated confidence only (PRV-2, PRV-5)."""

    age_group: str | None = None
    gender: str | None = None
    income: str | None = None
    """HH-9, of the household."""
    shared_interests: frozenset[str] = frozenset()
    """HH-8: categories that this household and one linked to it watch."""


@dataclass(frozen=True)
class Content:
    """What is watched; unknown content has no categories."""

    content_id: str
    categories: frozenset[str] = frozenset()
    is_kids: bool = False
    is_page: bool = False


@dataclass(frozen=True)
class Opportunity:
    """One break: slots in seconds, in the order in which they are shown."""

    break_id: str
    at: datetime
    device_class: str
    content: Content
    slots: tuple[float, ...]
    viewer: Viewer | None
    """None: unknown device or no consent: what is watched decides alone."""
    device: str | None = None
    """Unit of the device that asks; None where only the household is known, or nobody."""
