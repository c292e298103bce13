"""``POST /api/v1/ad-break``: who is asked about, what is answered, what is refused (HH-6 to HH-11, PRV-2, PRV-5)."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts.exports import FCT_PLAYBACKS
from core.contracts.households import LINKS
from core.privacy import load_pseudonyms
from core.settings import Settings
from core.storage import written_aside
from tests.serving.ad_decision.ad_home import DAY, AdHome, Asker, campaign, device
from tests.serving.conftest import CATALOGUE_ROWS, NOW, video, write_catalogue

NOON = datetime(2026, 5, 1, 12)
Start = Callable[[], Asker]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_household_sees_a_spot_per_day_times_over_all_its_devices(ad_home: AdHome, start: Start) -> None:
    """HH-11"""
    ad_home.campaigns(*(campaign(name, cap={"per_day": 2}) for name in ("a", "b", "c")))
    ad_home.live({"hh-1": [1, 2], "hh-2": [3]})
    ad_home.consent(1, 2, 3)
    ask = start()
    answer = ask.post(slots=[20, 20]).json()
    assert [spot["slot"] for spot in answer["spots"]] == [0, 1]
    assert answer["unfilled"] == []
    assert {spot["cap"]["played_today"] for spot in answer["spots"]} == {1}
    shown = [*(spot["spot_id"] for spot in answer["spots"]), *ask.spots(device_key=device(2), slots=[20] * 9)]
    assert len(shown) == 3  # the gap keeps what was just shown from coming again, on whatever device
    assert set(shown) == {"a-a", "b-a", "c-a"}
    assert len(ask.spots(device_key=device(3), slots=[20] * 9)) == 3


def test_the_same_request_has_the_same_answer_and_counts_once(ad_home: AdHome, start: Start) -> None:
    """HH-11"""
    ad_home.campaigns(*(campaign(name) for name in "abcdef"))
    ad_home.consent(1)
    ask = start()
    first = ask.post(break_id="same", slots=[20, 20])
    again = ask.post(break_id="same", slots=[20, 20])
    assert first.json() == again.json()
    assert len(ask.spots(slots=[20] * 6)) == 4


def test_another_request_for_the_same_break_goes_on_in_it(ad_home: AdHome, start: Start) -> None:
    """HH-11: a break that is asked for in parts has no spot twice."""
    ad_home.campaigns(*(campaign(name) for name in "abc"))
    ad_home.consent(1)
    ask = start()
    parts = [ask.spots(break_id="same", slots=slots) for slots in ([20], [20, 20], [20, 20, 20])]
    assert [len(part) for part in parts] == [1, 2, 0]


def test_an_unknown_device_gets_ads_by_the_content_and_none_twice_in_a_break(ad_home: AdHome, start: Start) -> None:
    """HH-11, PRV-2: nothing is kept under the device."""
    ad_home.campaigns(campaign("a"), campaign("old", target={"age_groups": ["65+"]}))
    ask = start()
    for mac in ("aa:bb:cc:dd:ee:01", "aa:bb:cc:dd:ee:02"):
        assert ask.spots(mac=mac, break_id=f"own of {mac}", slots=[20, 20]) == ["a-a"]
    assert ask.spots(mac="aa:bb:cc:dd:ee:01", break_id="own of aa:bb:cc:dd:ee:01", slots=[30]) == []
    key = load_pseudonyms(ad_home.paths.keys).device_key("aabbccddee01")
    assert key.encode() not in ad_home.paths.ads.counters.read_bytes() + wal_of(ad_home)


def wal_of(home: AdHome) -> bytes:
    file = home.paths.ads.counters
    return file.with_name(file.name + "-wal").read_bytes()


def test_targets_of_persons_need_consent_and_confidence(ad_home: AdHome, start: Start) -> None:
    """HH-6, HH-9, PRV-5"""
    ad_home.campaigns(campaign("age", target={"age_groups": ["30-49"]}), campaign("rich", target={"income": ["high"]}))
    ad_home.live({"hh-1": [1, 2], "hh-2": [3]})
    ad_home.infer(
        (1, "hh-1", "age_group", "30-49", 0.9), (None, "hh-1", "income", "high", 0.8),
        (3, "hh-2", "age_group", "30-49", 0.55), (None, "hh-2", "income", "not sure", 0.9),
    )  # fmt: skip
    ad_home.consent(1, 3)
    ask = start()
    known = ask.post(slots=[20, 20]).json()["spots"]
    assert {spot["spot_id"]: spot["reason"] for spot in known} == {"age-a": "campaign-target", "rich-a": "income-class"}
    assert ask.spots(device_key=device(3), slots=[20, 20]) == []
    assert ask.spots(device_key=device(2), slots=[20, 20]) == []
    assert ask.spots(slots=[20, 20], consent={"advertising": False}) == []


def test_withdrawn_consent_and_an_opt_out_take_effect_on_the_next_break(ad_home: AdHome, start: Start) -> None:
    """PRV-2"""
    ad_home.campaigns(campaign("age", target={"age_groups": ["30-49"]}, cap={"per_day": 9}))
    ad_home.live({"hh-1": [1], "hh-2": [2]})
    ad_home.infer((1, "hh-1", "age_group", "30-49", 0.9), (2, "hh-2", "age_group", "30-49", 0.9))
    ad_home.consent(1, 2)
    ask = start()
    service: Any = ask.client.app.state.ad_decisions  # type: ignore[attr-defined]
    service.opt_outs.set(device(1), True, ask.client.app.state.ad_now())  # type: ignore[attr-defined]
    assert ask.spots() == []
    service.opt_outs.set(device(1), False, ask.client.app.state.ad_now())  # type: ignore[attr-defined]
    assert ask.spots() == ["age-a"]
    ad_home.withdraw(2, DAY + timedelta(hours=1))
    until(lambda: not service.audience.consents.has(device(2)))
    assert ask.spots(device_key=device(2)) == []


def test_an_offer_goes_along_a_link_when_both_sides_show_the_interest(
    ad_home: AdHome, start: Start, settings: Settings
) -> None:
    """HH-8"""
    cooking = [video(f"kochen-{number}", categories=["cooking"]) for number in range(2)]
    write_catalogue(settings, [*CATALOGUE_ROWS, *cooking])
    ad_home.campaigns(campaign("buch", target={"linked_categories": ["cooking"]}))
    ad_home.live({"hh-1": [1], "hh-2": [2], "hh-3": [3]})
    ad_home.consent(1, 2, 3)
    link = dict.fromkeys(LINKS.names) | {"weight": 0.8, "household_a": "hh-1"}
    links = [link | {"household_b": household} for household in ("hh-2", "hh-3")]
    with written_aside(ad_home.paths.household_links) as aside:
        pq.write_table(pa.Table.from_pylist(links, schema=LINKS), aside)
    plays = [
        {"device_key": device(number), "content_id": f"kochen-{video}", "is_play": True}
        for number, count in ((1, 2), (2, 2), (3, 1))
        for video in range(count)
    ]
    with written_aside(ad_home.paths.export(FCT_PLAYBACKS) / "day.parquet") as aside:
        pq.write_table(pa.Table.from_pylist(plays), aside)
    ask = start()
    assert [spot["reason"] for spot in ask.post().json()["spots"]] == ["linked-offer"]
    assert ask.spots(device_key=device(2)) == ["buch-a"]
    assert ask.spots(device_key=device(3)) == []


def test_a_spot_follows_the_household_from_the_television_to_the_related_page(
    ad_home: AdHome, start: Callable[..., Asker], settings: Settings
) -> None:
    """HH-7: on another device, five minutes later, whatever else would have been likelier."""
    on_tv, page = video("kochen", categories=["cooking"]), video("rezept", kind="page", categories=["cooking"])
    write_catalogue(settings, [*CATALOGUE_ROWS, on_tv, page])
    ad_home.campaigns(*(campaign(f"c{number}") for number in range(20)))
    ad_home.live({"hh-1": [1, 2]})
    ad_home.consent(1, 2)
    time = [NOW]
    ask = start(lambda: time[0])
    shown = ask.spots(content_id="kochen", slots=[20, 20])
    phone = {"device_key": device(2), "device_class": "smartphone", "content_id": "rezept"}
    time[0] += timedelta(minutes=4)
    assert ask.post(**phone).json()["spots"][0]["reason"] == "run-of-network"
    time[0] += timedelta(minutes=1)
    assert ask.post(**phone, consent={"advertising": False}).json()["spots"][0]["reason"] == "run-of-network"
    followed = ask.post(**phone, slots=[20, 20]).json()["spots"]
    assert [(spot["spot_id"] in shown, spot["reason"]) for spot in followed] == [(True, "follow-up")] * 2
    assert ask.post(**phone).json()["spots"][0]["reason"] == "run-of-network"  # the gap holds here too


def test_what_linear_television_showed_is_not_repeated_by_the_app(ad_home: AdHome, start: Start) -> None:
    """HH-11, AD-11: heard plays count, also of earlier today, each event once."""
    ad_home.campaigns(campaign("a", cap={"per_day": 2}))
    ad_home.live({"hh-1": [1, 2]})
    ad_home.consent(1, 2)
    ask = start()
    counters = ask.client.app.state.ad_decisions.counters  # type: ignore[attr-defined]

    def heard(event_id: str, at: datetime, **fields: Any) -> None:
        row = {"event": "ad", "event_id": event_id, "spot_id": "a-a", "break_id": "linear", "device_key": device(2)}
        ad_home.events(row | {"happened_at": at} | fields)

    def known() -> list[Any]:
        return counters.plays([device(2)], ask.client.app.state.ad_now() - timedelta(days=3)).result()  # type: ignore

    heard("just now", NOON - timedelta(minutes=2))
    until(lambda: len(known()) == 1)
    assert ask.spots() == []
    heard("just now", NOON - timedelta(minutes=2))
    heard("late", NOON - timedelta(hours=3), break_id="morning", spot_id="a-a")
    until(lambda: len(known()) == 2)
    assert ask.spots() == []


def test_a_play_that_was_reserved_here_and_is_reported_counts_once(ad_home: AdHome, start: Start) -> None:
    """HH-11"""
    ad_home.campaigns(campaign("a"))
    ad_home.consent(1)
    ask = start()
    counters = ask.client.app.state.ad_decisions.counters  # type: ignore[attr-defined]
    assert ask.spots(break_id="b") == ["a-a"]
    ad_home.events(
        {
            "event": "ad",
            "spot_id": "a-a",
            "break_id": "b",
            "device_key": device(1),
            "happened_at": NOON,
            "event_id": "x",
        }
    )
    since = ask.client.app.state.ad_now() - timedelta(days=3)  # type: ignore[attr-defined]
    until(lambda: [play.state for play in counters.plays([device(1)], since).result()] == ["played"])


def test_households_that_merge_bring_their_plays_with_them(ad_home: AdHome, start: Start) -> None:
    """HH-11: caps follow the devices."""
    ad_home.campaigns(campaign("a", cap={"per_day": 1}))
    ad_home.live({"hh-1": [1], "hh-2": [2]})
    ad_home.consent(1, 2)
    ask = start()
    audience = ask.client.app.state.ad_decisions.audience  # type: ignore[attr-defined]
    assert ask.spots(device_key=device(2)) == ["a-a"]
    ad_home.live({"hh-1": [1, 2]})
    until(lambda: len(audience.device(device(1)).units) == 3)
    assert ask.spots(device_key=device(1)) == []


def test_a_household_may_ask_without_naming_a_device(ad_home: AdHome, start: Start) -> None:
    """HH-11: what it was shown counts for all who live there, once."""
    ad_home.campaigns(campaign("a", cap={"per_day": 1}), campaign("b", cap={"per_day": 1}))
    ad_home.live({"hh-1": [1, 2]})
    ad_home.consent(1, 2)
    ask = start()
    assert len(ask.spots(household="hh-1")) == 1
    assert len(ask.spots(device_key=device(1), slots=[20, 20])) == 1
    assert ask.spots(device_key=device(2), slots=[20, 20]) == []
    unknown = ask.post(household="hh-9")
    assert unknown.status_code == 404
    assert "household" in unknown.json()["message"]


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("mac", {"mac": "no mac"}),
    ("mac", {"mac": "aa:bb:cc:dd:ee:01", "household": "hh-1"}),
    ("device_key", {"device_key": "d_1"}),
    ("slots", {"slots": []}),
    ("slots", {"slots": "20"}),
    ("slots.1", {"slots": [20, -1]}),
    ("slots.0", {"slots": [True]}),
    ("content_id", {"content_id": None}),
    ("break_id", {"break_id": ""}),
    ("device_class", {"device_class": "radio"}),
]


@pytest.mark.parametrize(("field", "fields"), WRONG)
def test_what_is_wrong_is_named(field: str, fields: dict[str, Any], asked: Any) -> None:
    response = Asker(asked).post(**fields)
    assert response.status_code == 422
    assert response.json()["fields"][0]["field"] == field


def test_unknown_content_is_404_no_json_422_and_no_token_401(asked: Any) -> None:
    ask = Asker(asked)
    assert ask.post(content_id="nothing").status_code == 404
    assert asked.post("/api/v1/ad-break", content=b"{", headers=ask.token).status_code == 422
    assert asked.post("/api/v1/ad-break", json=ask.body()).status_code == 401
