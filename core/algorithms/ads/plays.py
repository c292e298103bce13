"""What a household has been shown: reservations and plays, and what they leave open (HH-11)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from core.algorithms.ads.rules import AdRules
from core.domain.advertising import Campaign, Spot

State = Literal["reserved", "played", "released"]


@dataclass(frozen=True)
class Play:
    """A spot given to a break, or heard from elsewhere. Once a household, however many of its units it stands under."""

    play_id: str
    spot_id: str
    creative: str
    campaign_id: str | None
    """None: nobody knows (linear television, AD-11)."""
    at: datetime
    """When it was decided; when it was played, once that is known."""
    break_id: str
    slot: int
    state: State = "reserved"
    start_by: datetime | None = None
    """Tracked and not begun by then: it was not played, and counts no more."""
    device: str | None = None
    device_class: str | None = None
    content_id: str | None = None


def counts(play: Play, at: datetime) -> bool:
    """Tell whether a play still counts at an instant."""
    if play.state == "reserved":
        return play.start_by is None or at < play.start_by
    return play.state == "played"


@dataclass
class Book:
    """The caps of one household during one decision."""

    rules: AdRules
    at: datetime
    break_id: str
    gap: timedelta
    _day_start: datetime
    _today: list[tuple[str, str | None]] = field(default_factory=list)
    _recent: set[str] = field(default_factory=set)
    in_break: list[Play] = field(default_factory=list)

    @staticmethod
    def of(
        plays: Iterable[Play], at: datetime, break_id: str, rules: AdRules, creative_of: Callable[[str, str], str]
    ) -> "Book":
        """Sum up all that the household's units were shown; the same play under two units is one.

        Args:
            plays: of today, and as long before it as the gap and ``start_within`` reach.
            at: of the decision.
            break_id: whose own list is kept apart.
            rules: as configured.
            creative_of: creative of a spot id by today's campaigns, else the second argument (as it was then).
        """
        book = Book(rules, at, break_id, rules.gap, rules.day_start(at))
        counting = sorted((play for play in plays if counts(play, at)), key=lambda play: play.state == "played")
        for play in {play.play_id: play for play in counting}.values():  # what is known to be played, if it is
            book._take(play, creative_of(play.spot_id, play.creative))
        return book

    def _take(self, play: Play, creative: str) -> None:
        if play.break_id == self.break_id:
            self.in_break.append(play)
            self._recent.add(creative)
        if abs(self.at - play.at) < self.gap:
            self._recent.add(creative)
        # decided before midnight and perhaps shown after it: counts for both days until that is known
        latest = play.at + self.rules.longest_wait if play.state == "reserved" else play.at
        if latest >= self._day_start:
            self._today.append((creative, play.campaign_id))

    def played_today(self, campaign: Campaign) -> int:
        """Plays of the campaign, or of its films under whatever name, on the local day."""
        films, name = campaign.creatives, campaign.campaign_id
        return sum(creative in films or campaign_id == name for creative, campaign_id in self._today)

    def allows(self, campaign: Campaign, spot: Spot) -> bool:
        """HH-11: not in this break, not within the gap, not beyond the caps."""
        if spot.creative in self._recent:
            return False
        if sum(play.campaign_id == campaign.campaign_id for play in self.in_break) >= campaign.per_break:
            return False
        return campaign.per_day is None or self.played_today(campaign) < campaign.per_day

    def place(self, play: Play) -> None:
        """Count what was just given."""
        self._take(play, play.creative)
