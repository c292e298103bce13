"""HH-11, PRV-2: whoever's consent comes or goes in the middle of a break has no spot twice in it, in every store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.settings import AdDecision, Settings
from serving.ad_decision.audience import Audience
from serving.ad_decision.what_if import past_breaks
from tests.serving.ad_decision.ad_home import DAY, AdHome, Asker, campaign, device
from tests.serving.ad_decision.conftest import ad_app
from tests.serving.ad_decision.counter_servers import postgres_server, redis_server
from tests.serving.ad_decision.test_ad_break import until
from tests.serving.conftest import NOW


@contextmanager
def over(kind: str, settings: Settings) -> Iterator[Asker]:
    """The ad part over one store of caps."""
    if kind == "sqlite":
        with TestClient(ad_app(settings, lambda: NOW)) as client:
            yield Asker(client)
        return
    with {"redis": redis_server, "postgresql": postgres_server}[kind]() as address:
        there = settings.model_copy(update={"ad_decision": AdDecision(counters=address)})
        with TestClient(ad_app(there, lambda: NOW)) as client:
            yield Asker(client)


def audience(ask: Asker) -> Audience:
    return ask.client.app.state.ad_decisions.audience  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("redis", marks=pytest.mark.slow), pytest.param("postgresql", marks=pytest.mark.slow)]
)  # fmt: skip
def test_a_break_in_which_consent_goes_and_comes_and_households_merge_has_one_list(
    kind: str, ad_home: AdHome, settings: Settings
) -> None:
    ad_home.campaigns(*(campaign(name, cap={"per_day": 9}) for name in "abcdefghijkl"))
    ad_home.live({"hh-1": [1], "hh-2": [2]})
    ad_home.consent(1, 2)
    with over(kind, settings) as ask:

        def two() -> list[str]:
            """The next two spots of the same break, each time another request."""
            return ask.spots(break_id="one", slots=[20, 20, *[1] * len(shown)])

        shown: list[str] = []
        shown += two()
        ad_home.withdraw(1, DAY + timedelta(hours=1))
        until(lambda: not audience(ask).consents.has(device(1)))
        shown += two()
        ad_home.events({"device_key": device(1), "happened_at": DAY + timedelta(hours=2)})
        until(lambda: audience(ask).consents.has(device(1)))
        shown += two()
        ad_home.live({"hh-1": [1, 2]})
        until(lambda: len(audience(ask).device(device(1)).units) == 3)
        shown += two()
        shown += ask.spots(break_id="one", slots=[20, 20], consent={"advertising": False})
        shown += ask.spots(break_id="one", slots=[20, 20], device_key=device(2))
        assert sorted(shown) == [f"{name}-a" for name in "abcdefghijkl"]
        assert ask.spots(break_id="one", slots=[20]) == []
        _tells_its_breaks_and_plays(ask)


def _tells_its_breaks_and_plays(ask: Asker) -> None:
    """For what-if, and for the recount: every play once, and naming no device."""
    counters = ask.client.app.state.ad_decisions.counters  # type: ignore[attr-defined]
    answers = counters.breaks(NOW - timedelta(hours=1), NOW, 100).result(60)
    assert len(answers) == 7
    assert {answer["break_id"] for answer in answers} == {"one"}
    assert len(past_breaks(counters, NOW)) == 7
    assert len(counters.breaks(NOW - timedelta(hours=1), NOW, 2).result(60)) == 2
    assert counters.breaks(NOW + timedelta(seconds=1), NOW + timedelta(hours=1), 100).result(60) == []
    at = int(NOW.timestamp()) * 1_000_000
    rows = [(f"{name}-a", name, "one", at, "reserved", True) for name in "abcdefghijkl"]
    assert counters.counted().result(60) == rows


def test_what_was_shown_before_a_withdrawal_is_used_for_no_other_break(
    ad_home: AdHome, start: Callable[[], Any]
) -> None:
    """PRV-2: in the next break nothing is known, so nothing is held back; and nothing is kept under the device."""
    ad_home.campaigns(campaign("a", cap={"per_day": 1}))
    ad_home.consent(1)
    ask = start()
    assert ask.spots(break_id="one") == ["a-a"]
    ad_home.withdraw(1, DAY + timedelta(hours=1))
    until(lambda: not audience(ask).consents.has(device(1)))
    assert ask.spots(break_id="one", slots=[20, 20]) == []
    assert ask.spots(break_id="two") == ["a-a"]
    counters = ask.client.app.state.ad_decisions.counters
    assert [play.break_id for play in counters.plays([device(1)], NOW - timedelta(days=2)).result(60)] == ["one"]


def test_a_household_whose_consent_goes_in_the_middle_goes_on_in_its_break(
    ad_home: AdHome, start: Callable[[], Any]
) -> None:
    """It asks without naming a device; then nobody of it may be known."""
    ad_home.campaigns(*(campaign(name) for name in "abc"))
    ad_home.live({"hh-1": [1]})
    ad_home.consent(1)
    ask = start()
    who = {"household": "hh-1", "break_id": "one"}
    first = ask.spots(**who)
    ad_home.withdraw(1, DAY + timedelta(hours=1))
    until(lambda: not audience(ask).consents.has(device(1)))
    assert sorted(first + ask.spots(**who, slots=[20, 20])) == ["a-a", "b-a", "c-a"]
