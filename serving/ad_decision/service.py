"""The service behind the routes: who asks, what may be shown, what the caps allow; reserved before it is answered."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.algorithms.ads.filling import Filled, fill, followers
from core.algorithms.ads.opportunity import Content, Opportunity
from core.algorithms.ads.pacer import Pacer
from core.algorithms.ads.plays import Book, Play
from core.algorithms.ads.ranking import rank
from core.algorithms.ads.rules import AdRules
from core.domain.advertising import Campaign
from core.privacy import Pseudonyms
from serving.ad_decision.audience import Audience, Party, nobody
from serving.ad_decision.campaigns_source import Campaigns, CampaignsSource
from serving.ad_decision.counters import Answered, Ask, Choice, Counters
from serving.ad_decision.live_pacer import LivePacer
from serving.ad_decision.offer import Contents, Offer
from serving.ad_decision.opt_outs import OptOuts
from serving.ad_decision.schemas import AdBreakRequest
from serving.catalogue_source import CatalogueSource

BREAK_UNIT = "break:"
"""Prefix of the unit that holds a break's own list where nobody is known: no person is behind it."""


class UnknownError(Exception):
    """The content or the household is not known: 404."""


class NoCatalogueError(Exception):
    """Nothing can be decided yet: 503."""


@dataclass
class AdDecisionService:
    """Everything a decision needs; sources may be replaced in the background between two decisions."""

    rules: AdRules
    pseudonyms: Pseudonyms
    catalogue: CatalogueSource
    campaigns: CampaignsSource
    audience: Audience
    counters: Counters
    opt_outs: OptOuts
    pacer: Pacer
    contents: Contents = field(default_factory=Contents)
    placed: Mapping[str, int] = field(default_factory=dict)
    """Spots placed by campaign, by all workers, a moment ago."""

    def __post_init__(self) -> None:
        self._offer = Offer(self.rules)

    async def answer(self, sent: AdBreakRequest, now: datetime, is_tracked: bool) -> Answered:
        """Fill a break, or answer as before; returns when the reservation is durable.

        Args:
            sent: the request.
            now: the instant of the decision.
            is_tracked: the player will tell what was played: what never begins is given back.

        Raises:
            UnknownError: the content or the household is not known.
            NoCatalogueError: there is no catalogue yet.
            CountersError: nothing could be reserved.
        """
        content = self._content(sent.content_id)
        party = self.party(sent)
        ask = self._ask(sent, content, party, now, is_tracked)
        answered = await asyncio.wrap_future(self.counters.decide(ask))
        for play in answered.plays:
            if play.campaign_id is not None:
                self.pacer.count(play.campaign_id, sent.device_class, now)
        return answered

    def party(self, sent: AdBreakRequest) -> Party:
        """Who asks, as far as it may be known.

        Raises:
            UnknownError: the household is not known.
        """
        if sent.household is not None:
            found = self.audience.household(sent.household)
            if found is None:
                raise UnknownError(f"household: '{sent.household[:40]}' is not known")
            is_out = any(self.opt_outs.has(unit) for unit in found.booked_under)
        else:
            key = sent.device_key or self.pseudonyms.device_key(sent.mac or "")
            found, is_out = self.audience.device(key), self.opt_outs.has(key)
        refuses = sent.consent is not None and not sent.consent.advertising
        return nobody(found.units or found.named) if is_out or refuses else found

    def _content(self, content_id: str) -> Content:
        self.contents.take(self.catalogue.catalogue)
        content = self.contents.of(content_id)
        if content is None:
            if self.catalogue.catalogue is None:
                raise NoCatalogueError(self.catalogue.error or "there is no catalogue yet")
            raise UnknownError(f"content_id: '{content_id[:80]}' is not known")
        return content

    def _ask(self, sent: AdBreakRequest, content: Content, party: Party, now: datetime, is_tracked: bool) -> Ask:
        campaigns = self.campaigns.campaigns
        slots = tuple(float(slot) for slot in sent.slots)
        opportunity = Opportunity(
            sent.break_id, now, sent.device_class, content, slots, party.viewer, party.device or party.household
        )
        eligible = self._offer.eligible(campaigns, content, party.viewer, now, self.placed)
        if is_tracked:  # a player needs a file
            eligible = [each for each in eligible if all(spot.media_url for spot in each.campaign.spots)]
        ranked = rank(opportunity, eligible, self.pacer, self.rules)
        own = (BREAK_UNIT + sent.break_id,)
        fingerprint = sent.fingerprint(party.device or party.household)
        start_by = self.rules.start_by(now, is_tracked)

        def choose(found: list[Play]) -> Choice:
            # of whoever may not be known, only what they were shown in this very break
            plays = found if party.viewer else [play for play in found if play.break_id == sent.break_id]
            book = Book.of(plays, now, sent.break_id, self.rules, campaigns.creative_of)
            running = self._running(campaigns, now)
            first = followers(opportunity, plays, running, self.contents.of, self.rules)
            filling = fill(opportunity, ranked, first, book)
            given = [_play(each, opportunity, party, fingerprint, start_by) for each in filling.filled]
            spots = [_told(each, play) for each, play in zip(filling.filled, given, strict=True)]
            answer = {
                "break_id": sent.break_id,
                "fingerprint": fingerprint,
                "at": now.isoformat(),
                "day": self.rules.day(now),
                "device_class": sent.device_class,
                "content_id": sent.content_id,
                "slots": slots,
                "is_known": party.viewer is not None,
                "device": party.device,
                "spots": spots,
                "unfilled": list(filling.unfilled),
            }
            return Choice(answer, tuple(given))

        since = self.rules.day_start(now) - max(self.rules.gap, self.rules.longest_wait) - timedelta(hours=1)
        return Ask(
            sent.break_id,
            fingerprint,
            now,
            (*(party.units or party.named), *own),
            party.booked_under or own,
            since,
            self.rules.day(now),
            choose,
        )

    def _running(self, campaigns: Campaigns, now: datetime) -> Callable[[str], list[Campaign]]:
        """Campaigns of a spot that run and are not delivered in full."""

        def of(spot_id: str) -> list[Campaign]:
            found = (each for each in campaigns.by_spot.get(spot_id, ()) if each.is_running(now))
            return [each for each in found if self.placed.get(each.campaign_id, 0) < each.impressions]

        return of

    def refresh_placed(self) -> None:
        """Read what all workers have placed; the pacing goes by it, and who is delivered in full rests."""
        by_day = self.counters.placed_by_day().result(timeout=30)
        placed: defaultdict[str, int] = defaultdict(int)
        for (_, campaign_id, _), number in by_day.items():
            placed[campaign_id] += number
        if placed != self.placed:
            self.placed = placed
        if isinstance(self.pacer, LivePacer):
            self.pacer.refresh(self.campaigns.campaigns, by_day)


def _play(each: Filled, opportunity: Opportunity, party: Party, fingerprint: str, start_by: datetime | None) -> Play:
    return Play(
        f"{fingerprint}-{opportunity.break_id}-{each.slot}",
        each.spot.spot_id,
        each.spot.creative,
        each.campaign.campaign_id,
        opportunity.at,
        opportunity.break_id,
        each.slot,
        "reserved",
        start_by,
        party.device,
        opportunity.device_class,
        opportunity.content.content_id,
    )


def _told(each: Filled, play: Play) -> dict[str, Any]:
    return {
        "slot": each.slot,
        "spot_id": each.spot.spot_id,
        "campaign_id": each.campaign.campaign_id,
        "reason": each.reason,
        "cap": {"per_day": each.campaign.per_day, "played_today": each.played_today},
        "duration_s": each.spot.duration_s,
        "media_url": each.spot.media_url,
        "advertiser": each.campaign.advertiser,
        "play_id": play.play_id,
    }
