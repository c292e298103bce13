"""HH-11: what a player without tracking was given and never reports comes back, where the rules say so."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.serving.ad_decision.ad_home import AdHome, Asker, campaign, device
from tests.serving.ad_decision.test_ad_break import NOON, until
from tests.serving.conftest import NOW


@pytest.mark.parametrize("minutes", [None, 45.0])
def test_a_spot_that_is_never_reported_counts_for_good_or_until_the_set_time(
    minutes: float | None, ad_home: AdHome, start: Callable[..., Asker]
) -> None:
    time = [NOW]
    ad_home.campaigns(campaign("a", cap={"per_day": 1}), campaign("b", cap={"per_day": 1}))
    ad_home.consent(1)
    ask = start(lambda: time[0])
    service = ask.client.app.state.ad_decisions  # type: ignore[attr-defined]
    service.rules = service.rules.model_copy(update={"confirm_within_minutes": minutes})
    assert sorted(ask.spots(break_id="one", slots=[20, 20])) == ["a-a", "b-a"]
    heard = {"event": "ad", "event_id": "x", "spot_id": "a-a", "break_id": "one", "device_key": device(1)}
    ad_home.events(heard | {"happened_at": NOON + timedelta(minutes=1)})
    plays = [device(1)], NOW - timedelta(days=2)
    until(lambda: "played" in {play.state for play in service.counters.plays(*plays).result(60)})
    time[0] += timedelta(minutes=44)
    assert ask.spots(slots=[20, 20]) == []
    time[0] += timedelta(minutes=1)
    assert ask.spots(slots=[20, 20]) == ([] if minutes is None else ["b-a"])
