"""The order in which spots are tried: a weighted draw, so that every campaign gets its share and none starves.

Exponential keys: of candidates with weights w, that with the smallest E/w (E exponential with mean 1) comes first with
a probability in proportion to its w (Efraimidis and Spirakis, 2006). The draw depends on the break's id alone, so the
same request has the same answer.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from core.algorithms.ads.opportunity import Opportunity
from core.algorithms.ads.pacer import Pacer
from core.algorithms.ads.rules import AdRules, Reason
from core.domain.advertising import Campaign, Spot

FIT_POWER = 2.0
"""A spot of half the slot's length weighs a quarter: seconds that stay empty are lost."""


@dataclass(frozen=True)
class Candidate:
    """One spot of an eligible campaign."""

    campaign: Campaign
    spot: Spot
    reason: Reason


@dataclass(frozen=True)
class Eligible:
    """A campaign that may be shown here, and why."""

    campaign: Campaign
    reason: Reason
    _fitting: dict[float, list[tuple[float, Candidate]]] = field(default_factory=dict, compare=False, repr=False)

    def fitting(self, seconds: float) -> list[tuple[float, Candidate]]:
        """Its spots that fit a slot, the longest first, each with what its key is multiplied by; kept once found."""
        found = self._fitting.get(seconds)
        if found is None:
            spots = [spot for spot in self.campaign.spots if spot.duration_s <= seconds]
            spots.sort(key=lambda spot: (-spot.duration_s, spot.spot_id))
            found = self._fitting[seconds] = [
                ((seconds / spot.duration_s) ** FIT_POWER, Candidate(self.campaign, spot, self.reason))
                for spot in spots
            ]
        return found


Ranked = dict[float, list[Candidate]]
"""Candidates that fit, in the order in which they are tried, by slot length."""


def rank(opportunity: Opportunity, eligible: Iterable[Eligible], pacer: Pacer, rules: AdRules) -> Ranked:
    """Order all spots that fit, for each length of slot."""
    drawn = weighed(opportunity, eligible, pacer, rules)
    return {seconds: _fitting(drawn, seconds) for seconds in set(opportunity.slots)}


def weighed(
    opportunity: Opportunity, eligible: Iterable[Eligible], pacer: Pacer, rules: AdRules
) -> Sequence[tuple[float, Eligible]]:
    """Draw a key for each campaign that the pacer does not hold back; the smallest comes first."""
    draw = random.Random(opportunity.break_id)
    device_class, at, priorities = opportunity.device_class, opportunity.at, rules.priorities
    drawn = []
    for each in eligible:
        number = draw.expovariate(1.0)  # always drawn: whom the pacer holds back changes nothing for the others
        weight = pacer.weight(each.campaign.campaign_id, device_class, at) * priorities[each.reason]
        if weight > 0:
            drawn.append((number / weight, each))
    return drawn


def _fitting(drawn: Sequence[tuple[float, Eligible]], seconds: float) -> list[Candidate]:
    keyed = [(key * empty, candidate) for key, each in drawn for empty, candidate in each.fitting(seconds)]
    keyed.sort(key=itemgetter(0))  # stable: equal keys keep the order of the campaigns
    return [candidate for _, candidate in keyed]
