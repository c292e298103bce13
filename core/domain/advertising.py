"""Campaigns, their spots and what was played of them: the words of ad decisions (HH-6 to HH-11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property


@dataclass(frozen=True)
class Spot:
    """One film of a campaign."""

    spot_id: str
    duration_s: float
    media_url: str | None = None

    @property
    def creative(self) -> str:
        """What viewers see: one film under two ids is one creative (HH-11)."""
        return self.media_url or self.spot_id


@dataclass(frozen=True)
class Target:
    """Whom a campaign wants; what is empty does not matter, what is set must all hold (HH-6 to HH-9)."""

    categories: frozenset[str] = frozenset()
    """Of the content; one of them is enough. So with all others."""
    age_groups: frozenset[str] = frozenset()
    gender: frozenset[str] = frozenset()
    income: frozenset[str] = frozenset()
    linked_categories: frozenset[str] = frozenset()
    """HH-8: interests that this household and a linked one share."""
    months: frozenset[int] = frozenset()
    """1 to 12, of the broadcaster's local day."""

    @property
    def is_personal(self) -> bool:
        """True where something about the viewer must be known, so that consent is needed (PRV-2)."""
        return bool(self.age_groups or self.gender or self.income or self.linked_categories)

    @property
    def is_run_of_network(self) -> bool:
        """True where neither viewer nor content matters; the season alone targets nobody."""
        return not (self.is_personal or self.categories)


@dataclass(frozen=True)
class Campaign:
    """One booked campaign: the newest line of its id, read from the lake. Times are aware UTC."""

    campaign_id: str
    advertiser: str
    starts_at: datetime
    ends_at: datetime
    impressions: int
    """Booked over the whole time."""
    spots: tuple[Spot, ...]
    device_split: Mapping[str, float] = field(default_factory=dict)
    """HH-10: share of the impressions by device class, sum 1; empty: it does not matter."""
    per_day: int | None = None
    """HH-11: plays a household and local day over all spots of the campaign; None: no bound."""
    per_break: int = 1
    """Spots of the campaign in one break; no spot is ever played twice in one."""
    target: Target = Target()
    category: str | None = None
    """What it advertises, for competitive separation; None: the target's categories stand for it."""
    paused: bool = False

    def is_running(self, at: datetime) -> bool:
        return not self.paused and self.starts_at <= at < self.ends_at

    @cached_property
    def creatives(self) -> frozenset[str]:
        return frozenset(spot.creative for spot in self.spots)

    @cached_property
    def trades(self) -> frozenset[str]:
        """Whose rival it is in a break: of others that share one of these."""
        return frozenset({self.category}) if self.category else self.target.categories
