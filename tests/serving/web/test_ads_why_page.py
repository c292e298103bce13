"""Why a spot was shown, for the ad manager and for the viewer, and the viewer's opt-out (HH-11, PRV-2, PRV-4)."""

from collections.abc import Callable
from datetime import datetime

import pytest

from serving.ad_decision.signing import Ticket, load_signer
from tests.serving.ad_decision.ad_home import AdHome, Asker, campaign, device
from tests.serving.conftest import NOW

Start = Callable[..., Asker]


@pytest.fixture
def asker(ad_home: AdHome, start: Start) -> Asker:
    """A household of two devices with consent, one of which is believed to be of an age group."""
    ad_home.campaigns(
        campaign("old", target={"age_groups": ["65+"]}, cap={"per_day": 2}), campaign("any", cap={"per_day": 1})
    )
    ad_home.live({"hh-1": [1, 2], "hh-2": [3]})
    ad_home.infer((1, "hh-1", "age_group", "65+", 0.9))
    ad_home.consent(1, 2, 3)
    return start()


def address_of(asker: Asker, number: int) -> str:
    """What the app fetches with the token."""
    reply = asker.client.post("/api/v1/my-ads/link", json={"device_key": device(number)}, headers=asker.token)
    assert reply.status_code == 200, reply.text
    address: str = reply.json()["address"]
    return address


def test_a_play_is_found_by_device_household_and_time_with_reason_and_cap(asker: Asker) -> None:
    asker.post(slots=[20, 20], break_id="evening")
    for unit in (device(1), "hh-1"):
        page = asker.client.get("/ads/why", params={"unit": unit, "language": "en"}).text
        assert "Age group looked for: 65+." in page
        assert "no. 1 of at most 2 a day" in page
        assert "in any programme" in page
        assert "evening" in page
    nobody = asker.client.get("/ads/why", params={"unit": "hh-2"}).text
    assert "evening" not in nobody
    hours_before = asker.client.get("/ads/why", params={"unit": "hh-1", "at": "2026-05-01T03:00"}).text
    assert "evening" not in hours_before
    at_that_time = asker.client.get("/ads/why", params={"unit": "hh-1", "at": "2026-05-01T14:30"}).text  # 12:30 UTC
    assert "evening" in at_that_time


def test_what_was_heard_elsewhere_is_told_apart_from_what_was_chosen(ad_home: AdHome, start: Start) -> None:
    """AD-11"""
    ad_home.campaigns(campaign("a"))
    heard = {"event": "ad", "spot_id": "a-a", "break_id": "linear", "happened_at": datetime(2026, 5, 1, 11)}
    ad_home.events(heard | {"device_key": device(1)})
    page = start().client.get("/ads/why", params={"unit": device(1), "language": "en"}).text
    assert "Not chosen by us" in page


def test_a_wrong_key_or_time_is_named(asker: Asker) -> None:
    assert asker.client.get("/ads/why", params={"unit": "hh-unknown"}).status_code == 404
    assert asker.client.get("/ads/why", params={"unit": "hh-1", "at": "gestern"}).status_code == 422


def test_nobody_sees_plays_without_token_or_link(asker: Asker) -> None:
    """PRV-4: a MAC or a pseudonym is no proof, and a code is good for one device, one purpose and one week."""
    asker.post(break_id="evening")
    client, signer = asker.client, load_signer(asker.client.app.state.ad_paths.ads.tracking_key)  # type: ignore[attr-defined]
    client.cookies.clear()
    assert "evening" not in client.get("/ads/why", params={"unit": device(1)}).text
    tracking = signer.sign(Ticket(device(1), "", 0, "impression", NOW.replace(year=2027)))
    expired = signer.sign(Ticket(device(1), "", 0, "my-ads", NOW))
    for code in (device(1), "aa:bb:cc:dd:ee:01", tracking, expired):
        reply = client.get("/my-ads", params={"code": code})
        assert reply.status_code == 403
        assert "old-a" not in reply.text
        assert "any-a" not in reply.text
        client.post("/my-ads", data={"code": code, "out": "1"})
    assert client.post("/my-ads/open", data={"device": device(1)}).status_code == 403
    assert client.post("/api/v1/my-ads/link", json={"device_key": device(1)}).status_code == 401
    assert asker.spots(slots=[20, 20]) != []
    assert not asker.client.app.state.ad_decisions.opt_outs.has(device(1))  # type: ignore[attr-defined]


def test_a_viewer_reads_why_and_how_often_of_this_device_alone(asker: Asker) -> None:
    asker.post(slots=[20, 20])
    page = asker.client.get(address_of(asker, 1) + "&language=en")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "old-a" in page.text
    assert (
        f"{address_of(asker, 1).removeprefix('/my-ads')}&amp;language=de" in page.text
    )  # the other language, same page
    assert "Age group looked for: 65+." in page.text
    assert "Age groups: <strong>65+</strong>" in page.text
    other = asker.client.get(address_of(asker, 2) + "&language=en").text
    assert "old-a" not in other
    assert "65+" not in other


def test_an_opt_out_holds_from_the_next_break_on_and_can_be_taken_back(asker: Asker) -> None:
    """PRV-2"""
    address = address_of(asker, 1)
    code = {"code": address.partition("code=")[2]}
    assert "old-a" in asker.spots(slots=[20, 20])
    assert "richtet sich nicht mehr nach Ihnen" in asker.client.post("/my-ads", data=code | {"out": "1"}).text
    asked = [asker.spots(slots=[20, 20]) for _ in range(3)]
    assert asked == [["any-a"]] * 3  # by the content alone, and not remembered
    assert "zurückgenommen" in asker.client.post("/my-ads", data=code | {"out": ""}).text
    assert asker.spots(slots=[20, 20]) == []  # what was shown before counts again


def test_staff_with_the_token_opens_the_page_of_a_device(asker: Asker) -> None:
    opened = asker.client.post("/my-ads/open", data={"device": "AA-BB-CC-DD-EE-01"})
    assert opened.status_code == 200
    assert "AA-BB" not in str(opened.url)
    assert asker.client.post("/my-ads/open", data={"device": "somebody"}).status_code == 422
    both = {"mac": "aa:bb:cc:dd:ee:01", "device_key": device(1)}
    assert asker.client.post("/api/v1/my-ads/link", json=both, headers=asker.token).status_code == 422
