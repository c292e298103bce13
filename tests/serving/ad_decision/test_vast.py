"""``GET /ad-break/vast`` and what players tell (HH-11): each address counts once, expires, and cannot be forged."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

import pytest

from serving.ad_decision.signing import ForgedError, Signer, Ticket
from serving.ad_decision.vast import NAMESPACE, clock
from tests.serving.ad_decision.ad_home import AdHome, Asker, campaign, device
from tests.serving.conftest import NOW

Start = Callable[[], Asker]
QUERY = {"device_key": device(1), "content_id": "film-1", "device_class": "tv", "slots": "20,20"}
ORDER = ["AdSystem", "Error", "Impression", "AdServingId", "AdTitle", "Advertiser", "Creatives"]


def pod(ask: Asker, break_id: str, **fields: str) -> list[Any]:
    query = QUERY | {"break_id": break_id} | fields
    response = ask.client.get("/api/v1/ad-break/vast", params=query, headers=ask.token)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/xml")
    root = Xml.fromstring(response.content)
    assert (root.tag, root.get("version")) == (f"{{{NAMESPACE}}}VAST", "4.2")
    return root.findall(f"{{{NAMESPACE}}}Ad")


def find(ad: Any, name: str) -> Any:
    return ad.find(f".//{{{NAMESPACE}}}{name}")


def tell(ask: Asker, address: str) -> tuple[int, str | None]:
    parts = urlsplit(address)
    response = ask.client.get(f"{parts.path}?{parts.query}")
    return response.status_code, response.headers.get("x-counted")


@pytest.fixture
def ask(ad_home: AdHome, start: Start) -> Asker:
    ad_home.campaigns(campaign("a", cap={"per_day": 1}), campaign("b", cap={"per_day": 1}))
    ad_home.consent(1)
    return start()


def test_the_pod_is_the_same_break_in_the_order_of_the_schema(ask: Asker) -> None:
    """VAST 4.2: sequence, durations, impression, quartile and error addresses on this server."""
    ads = pod(ask, "b1")
    same = ask.post(break_id="b1", slots=[20, 20]).json()["spots"]
    assert [find(ad, "AdTitle").text for ad in ads] == [spot["spot_id"] for spot in same]
    assert [ad.get("sequence") for ad in ads] == ["1", "2"]
    for ad in ads:
        inline = find(ad, "InLine")
        assert [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in inline] == ORDER
        assert find(ad, "Duration").text == "00:00:20.000"
        assert find(ad, "MediaFile").get("type") == "video/mp4"
        events = [each.get("event") for each in ad.iter(f"{{{NAMESPACE}}}Tracking")]
        assert events == ["start", "firstQuartile", "midpoint", "thirdQuartile", "complete"]
        linear = find(ad, "Linear")
        assert [child.tag.split("}")[1] for child in linear] == ["TrackingEvents", "Duration", "MediaFiles"]
        assert find(ad, "UniversalAdId") is not None
    assert pod(ask, "b2") == []


def test_an_impression_counts_once_and_comes_back_as_an_ad_event(ask: Asker, ad_home: AdHome) -> None:
    address = find(pod(ask, "b1", slots="20")[0], "Impression").text
    assert tell(ask, address) == (204, "yes")
    assert tell(ask, address) == (204, "no")
    files = list(ad_home.paths.ads.plays.rglob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert {line["event_id"] for line in lines} == {lines[0]["event_id"]}
    assert (lines[0]["break_id"], lines[0]["device_key"]) == ("b1", device(1))


def test_an_error_gives_the_spot_back_but_not_once_it_has_begun(ask: Asker) -> None:
    """HH-11: given back when the tracking says that it was not played."""
    first, second = pod(ask, "b1")
    assert ask.spots(slots=[20, 20]) == []
    assert tell(ask, find(first, "Error").text.replace("[ERRORCODE]", "400")) == (204, "yes")
    assert tell(ask, find(second, "Impression").text) == (204, "yes")
    assert tell(ask, find(second, "Error").text) == (204, "yes")
    assert ask.spots(slots=[20, 20]) == [find(first, "AdTitle").text]


def test_quartiles_are_taken_once_each(ask: Asker) -> None:
    tracking = list(pod(ask, "b1")[0].iter(f"{{{NAMESPACE}}}Tracking"))
    assert [tell(ask, each.text)[1] for each in tracking] == ["yes"] * 5
    assert [tell(ask, each.text)[1] for each in tracking] == ["no"] * 5


def test_no_address_can_be_forged_changed_or_used_late(ask: Asker) -> None:
    address = find(pod(ask, "b1")[0], "Impression").text
    assert tell(ask, address[:-1] + ("A" if address[-1] != "A" else "B"))[0] == 403
    assert tell(ask, address.replace("/impression", "/complete"))[0] == 403
    assert tell(ask, address.split("?")[0] + "?ticket=x.y")[0] == 403
    late = Signer(b"other")
    ticket = Ticket("b1", "f", 0, "impression", NOW + timedelta(minutes=1))
    with pytest.raises(ForgedError):
        Signer(b"key").read(late.sign(ticket))
    assert Signer(b"key").read(Signer(b"key").sign(ticket)) == ticket


def test_a_spot_that_never_begins_is_given_back(ad_home: AdHome, start: Callable[..., Asker]) -> None:
    """HH-11: within the stated time; and then its address has expired."""
    time = [NOW]
    ad_home.campaigns(campaign("a", cap={"per_day": 1}))
    ad_home.consent(1)
    ask = start(lambda: time[0])
    address = find(pod(ask, "b1")[0], "Impression").text
    time[0] += timedelta(minutes=29)
    assert ask.spots() == []
    time[0] += timedelta(minutes=1)
    assert tell(ask, address)[0] == 410
    assert ask.spots() == ["a-a"]


def test_a_query_is_checked_like_a_body(ask: Asker) -> None:
    def refused(**fields: str) -> str:
        query = QUERY | {"break_id": "b"} | fields
        response = ask.client.get("/api/v1/ad-break/vast", params=query, headers=ask.token)
        assert response.status_code == 422
        return str(response.json()["fields"][0]["field"])

    assert refused(slots="20,x") == "slots.1"
    assert refused(device_class="radio") == "device_class"
    assert ask.client.get("/api/v1/ad-break/vast", params=QUERY).status_code == 401


def test_durations_are_written_as_a_clock() -> None:
    assert clock(3661.5) == "01:01:01.500"
    assert clock(19.9996) == "00:00:20.000"
