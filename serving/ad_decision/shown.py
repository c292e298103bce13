"""What was shown to devices in the last days, and why: plays with the answers that they came from (HH-11)."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.algorithms.ads.plays import Play, counts
from core.domain.advertising import Campaign
from serving.ad_decision.counters import Given
from serving.ad_decision.service import AdDecisionService

ShownState = Literal["played", "reserved", "released", "expired", "heard"]
MOST = 300
_SECONDS = 30.0
_HEARD = "event:"


@dataclass(frozen=True)
class Shown:
    """One play. What was decided elsewhere (heard on television, AD-11) has neither reason nor cap."""

    play: Play
    state: ShownState
    campaign: Campaign | None
    """As it is now."""
    reason: str | None
    per_day: int | None
    played_today: int | None
    """With this one, when it was decided."""


def shown_to(
    service: AdDecisionService, units: Sequence[str], since: datetime, until: datetime, now: datetime
) -> list[Shown]:
    """Plays of units, newest first, at most ``MOST``.

    Raises:
        CountersError: the counters cannot be read.
        TimeoutError: they do not answer.
    """
    found = service.counters.plays(units, since).result(_SECONDS)
    unique = {play.play_id: play for play in found if play.at <= until}
    plays = sorted(unique.values(), key=lambda play: (play.at, -play.slot), reverse=True)[:MOST]
    asked: dict[tuple[str, str], Future[Given | None]] = {}
    for play in plays:
        if key := _break_of(play):
            asked[key] = asked.get(key) or service.counters.given(*key)
    return [_told(service, play, _spot(asked, play), now) for play in plays]


def _break_of(play: Play) -> tuple[str, str] | None:
    """Key of the answer; ids of plays begin with its fingerprint (``service``)."""
    return None if play.play_id.startswith(_HEARD) else (play.break_id, play.play_id.partition("-")[0])


def _spot(asked: dict[tuple[str, str], "Future[Given | None]"], play: Play) -> dict[str, Any]:
    key = _break_of(play)
    given = asked[key].result(_SECONDS) if key else None
    spots = given.answer["spots"] if given else []
    return next((spot for spot in spots if spot["play_id"] == play.play_id), {})


def _told(service: AdDecisionService, play: Play, spot: dict[str, Any], now: datetime) -> Shown:
    state: ShownState = play.state
    if play.play_id.startswith(_HEARD):
        state = "heard"
    elif play.state == "reserved" and not counts(play, now):
        state = "expired"
    of_spot = service.campaigns.campaigns.by_spot.get(play.spot_id, ())
    campaign = next((each for each in of_spot if play.campaign_id in (None, each.campaign_id)), None)
    cap = spot.get("cap", {})
    return Shown(play, state, campaign, spot.get("reason"), cap.get("per_day"), cap.get("played_today"))
