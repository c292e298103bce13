"""The last day's breaks under a changed campaign: what an ad manager would change before it holds (HH-10, HH-11).

Both sides are chosen anew by the same code, with the caps, the pacing and the draw of the real decision, so that the
difference is the change's alone. Who watched is taken as it is known today; traffic is what it was.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.algorithms.ads.filling import Filled, Filling, fill, followers
from core.algorithms.ads.opportunity import Opportunity
from core.algorithms.ads.pacer import Pacer
from core.algorithms.ads.plays import Book, Play
from core.algorithms.ads.ranking import Ranked, rank
from core.domain.advertising import Campaign
from core.paths import Paths
from serving.ad_decision.audience import NOBODY
from serving.ad_decision.campaigns_source import Campaigns
from serving.ad_decision.counters import Counters
from serving.ad_decision.live_pacer import LivePacer
from serving.ad_decision.offer import Offer
from serving.ad_decision.service import BREAK_UNIT, AdDecisionService

MOST_BREAKS = 3000
_DAY = timedelta(hours=24)


@dataclass
class Replayed:
    """What a day came to."""

    placed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Spots by campaign and device class."""
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Spots by campaign and household (or device, or break where nobody is known)."""
    slots: int = 0
    unfilled: int = 0


def past_breaks(counters: Counters, now: datetime) -> list[dict[str, Any]]:
    """Answers of the last 24 hours that tell their slots, oldest first.

    Raises:
        CountersError: they cannot be read.
        TimeoutError: they do not answer.
    """
    answers = counters.breaks(now - _DAY, now, MOST_BREAKS).result(30)
    return [answer for answer in answers[::-1] if answer.get("slots")]


def pacer_of(service: AdDecisionService, paths: Paths, campaigns: Campaigns, now: datetime) -> Pacer:
    """The pacing as it stood when the day began."""
    pacer, first = LivePacer(service.rules), service.rules.day(now - _DAY)
    pacer.learn(paths, now - _DAY)
    earlier = service.counters.placed_by_day().result(30)
    pacer.refresh(campaigns, {key: number for key, number in earlier.items() if key[0] < first})
    return pacer


def replay(
    service: AdDecisionService, campaigns: Campaigns, pacer: Pacer, breaks: Sequence[dict[str, Any]]
) -> Replayed:
    """Choose every break again, in the order in which they were asked for."""
    offer, done = Offer(service.rules), Replayed()
    plays: defaultdict[str, list[Play]] = defaultdict(list)
    service.contents.take(service.catalogue.catalogue)
    for answer in breaks:
        asked, unit = _asked(service, answer)
        if asked is None:
            continue
        eligible = offer.eligible(campaigns, asked.content, asked.viewer, asked.at, {})
        filling = _filled(service, campaigns, asked, rank(asked, eligible, pacer, service.rules), plays[unit])
        done.slots += len(asked.slots)
        done.unfilled += len(filling.unfilled)
        for each in filling.filled:
            name = each.campaign.campaign_id
            done.placed[name, asked.device_class] += 1
            done.seen[name, unit] += 1
            pacer.count(name, asked.device_class, asked.at)
            plays[unit].append(_play(each, asked))
    return done


def _asked(service: AdDecisionService, answer: dict[str, Any]) -> tuple[Opportunity | None, str]:
    """The break as it was asked for, and whose plays count; None where the content is known no more."""
    content, device = service.contents.of(answer["content_id"]), answer["device"]
    party = service.audience.device(device) if answer["is_known"] and device else NOBODY
    unit = party.household or party.device or f"{BREAK_UNIT}{answer['break_id']}"
    if content is None:
        return None, unit
    at, slots = datetime.fromisoformat(answer["at"]), tuple(answer["slots"])
    opportunity = Opportunity(
        answer["break_id"], at, answer["device_class"], content, slots, party.viewer, party.device
    )
    return opportunity, unit


def _filled(
    service: AdDecisionService, campaigns: Campaigns, asked: Opportunity, ranked: Ranked, plays: list[Play]
) -> Filling:
    def running(spot_id: str) -> list[Campaign]:
        return [each for each in campaigns.by_spot.get(spot_id, ()) if each.is_running(asked.at)]

    book = Book.of(plays, asked.at, asked.break_id, service.rules, campaigns.creative_of)
    return fill(asked, ranked, followers(asked, plays, running, service.contents.of, service.rules), book)


def _play(each: Filled, asked: Opportunity) -> Play:
    return Play(
        play_id=f"{asked.break_id}-{asked.at.timestamp()}-{each.slot}",
        spot_id=each.spot.spot_id,
        creative=each.spot.creative,
        campaign_id=each.campaign.campaign_id,
        at=asked.at,
        break_id=asked.break_id,
        slot=each.slot,
        state="played",
        device=asked.device,
        device_class=asked.device_class,
        content_id=asked.content.content_id,
    )
