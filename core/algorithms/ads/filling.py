"""Filling a break's slots under the caps. Pure: what was played before comes in, what is reserved goes out (HH-11)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.algorithms.ads.eligibility import reason_for
from core.algorithms.ads.opportunity import Content, Opportunity
from core.algorithms.ads.plays import Book, Play, counts
from core.algorithms.ads.ranking import Candidate, Ranked
from core.algorithms.ads.rules import AdRules, Reason
from core.domain.advertising import Campaign, Spot


@dataclass(frozen=True)
class Filled:
    """One slot with its spot."""

    slot: int
    """Place in the request's list, from 0."""
    campaign: Campaign
    spot: Spot
    reason: Reason
    played_today: int
    """With this one."""


@dataclass(frozen=True)
class Filling:
    """What a break got; every slot is in one of the two."""

    filled: tuple[Filled, ...]
    unfilled: tuple[int, ...]


def fill(opportunity: Opportunity, ranked: Ranked, followers: Sequence[Candidate], book: Book) -> Filling:
    """Give each slot the first candidate that the caps allow.

    Short slots come first: what fits them fits the longer ones too, so that no choice made early leaves a slot empty
    that another would have filled. Rivals are kept apart across empty slots, as those are not shown.

    Args:
        opportunity: the break.
        ranked: candidates by slot length (``ranking.rank``).
        followers: HH-7: tried before all others, where they fit.
        book: the household's caps; what is given is counted in it.
    """
    filled: dict[int, Filled] = {}
    for slot in sorted(range(len(opportunity.slots)), key=lambda slot: (opportunity.slots[slot], slot)):
        seconds = opportunity.slots[slot]
        fitting = [each for each in followers if each.spot.duration_s <= seconds]
        for candidate in (*fitting, *ranked[seconds]):
            if book.allows(candidate.campaign, candidate.spot) and not _has_rival(
                candidate.campaign, slot, filled, book
            ):
                filled[slot] = _given(candidate, slot, opportunity, book)
                break
    unfilled = tuple(slot for slot in range(len(opportunity.slots)) if slot not in filled)
    return Filling(tuple(filled[slot] for slot in sorted(filled)), unfilled)


def _given(candidate: Candidate, slot: int, opportunity: Opportunity, book: Book) -> Filled:
    campaign, spot = candidate.campaign, candidate.spot
    play = Play("", spot.spot_id, spot.creative, campaign.campaign_id, opportunity.at, opportunity.break_id, slot)
    book.place(play)
    return Filled(slot, campaign, spot, candidate.reason, book.played_today(campaign))


def _has_rival(campaign: Campaign, slot: int, filled: dict[int, Filled], book: Book) -> bool:
    """Tell whether the next spot on either side is of a rival."""
    if not book.rules.separation or not campaign.trades:
        return False
    before = max((other for other in filled if other < slot), default=None)
    after = min((other for other in filled if other > slot), default=None)
    return any(are_rivals(campaign, filled[other].campaign) for other in (before, after) if other is not None)


def are_rivals(one: Campaign, other: Campaign) -> bool:
    """Two advertisers of one trade."""
    return one.advertiser != other.advertiser and bool(one.trades & other.trades)


def followers(
    opportunity: Opportunity,
    plays: Iterable[Play],
    campaigns_of: Callable[[str], Sequence[Campaign]],
    content_of: Callable[[str], Content | None],
    rules: AdRules,
) -> list[Candidate]:
    """HH-7: spots that the household just saw on another device, in a programme that this page is related to.

    Args:
        opportunity: only on a page, with consent, never for children.
        plays: of the household.
        campaigns_of: running campaigns with a spot, by spot id.
        content_of: what is known of a content id.
        rules: how long after the first play, and for how long.
    """
    content, viewer = opportunity.content, opportunity.viewer
    if viewer is None or not content.is_page or content.is_kids:
        return []
    earliest = timedelta(minutes=rules.follow_up.after_minutes)
    latest = earliest + timedelta(minutes=rules.follow_up.tolerance_minutes)
    month, found = rules.month(opportunity.at), {}
    for play in plays:
        if play.device in (None, opportunity.device) or not counts(play, opportunity.at):
            continue
        if not earliest <= opportunity.at - play.at <= latest:
            continue
        seen = content_of(play.content_id) if play.content_id else None
        if seen is None or seen.is_kids or not seen.categories & content.categories:
            continue
        for campaign in campaigns_of(play.spot_id):
            if reason_for(campaign, content, viewer, month, rules, is_related=True) is not None:
                spot = next(spot for spot in campaign.spots if spot.spot_id == play.spot_id)
                found[(play.at, campaign.campaign_id, spot.spot_id)] = Candidate(campaign, spot, "follow-up")
    return [found[key] for key in sorted(found)]
