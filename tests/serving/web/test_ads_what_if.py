"""A cap or split tried on the breaks of the last day: both sides by the same code, and nothing changes (HH-10, HH-11)."""

import re
from collections.abc import Callable

from tests.serving.ad_decision.ad_home import AdHome, Asker, campaign, device


def row_of(page: str, name: str) -> tuple[int, int]:
    """Figures of a row: as it is, and changed."""
    found = re.search(rf"<td>(?:<strong>)?{name}(?:</strong>)?</td>.*?>(\d+)</td>.*?>(\d+)</td>", page)
    assert found is not None, f"no row {name}"
    return int(found[1]), int(found[2])


def test_another_split_is_tried_on_the_last_days_breaks(ad_home: AdHome, start: Callable[..., Asker]) -> None:
    """HH-10"""
    ad_home.campaigns(campaign("a", cap={"per_day": 3}), campaign("b", cap={"per_day": 1}))
    ad_home.live({"hh-1": [1], "hh-2": [2]})
    ad_home.consent(1, 2)
    asker = start()
    for number in (1, 2):
        assert len(asker.spots(device_key=device(number), slots=[20, 20])) == 2
    asked = {"id": "a", "per_day": "3", "language": "en"}
    same = asker.client.get("/ads/what-if", params=asked).text
    assert "2 breaks, filled again" in same
    assert row_of(same, "a") == row_of(same, "b") == (2, 2)
    assert row_of(same, "Households reached") == (2, 2)
    split = asker.client.get("/ads/what-if", params=asked | {"split_desktop": "100"}).text
    assert row_of(split, "a") == (2, 0), "the breaks were on TV"
    assert row_of(split, "b") == (2, 2)
    assert row_of(split, r"Empty slots \(of 4\)") == (0, 2)
    assert asker.client.get("/ads/campaign?id=a").text.count('name="per_day" value="3"') == 1
    wrong = asker.client.get("/ads/what-if", params=asked | {"per_day": "0"})
    assert wrong.status_code == 422
    assert 'id="per_day-wrong"' in wrong.text


def test_a_lower_cap_is_tried_on_the_last_days_breaks(ad_home: AdHome, start: Callable[..., Asker]) -> None:
    """HH-11"""
    films = [
        {"spot_id": f"a-{letter}", "duration_s": 20, "media_url": f"https://spots.example/{letter}"} for letter in "xy"
    ]
    ad_home.campaigns(campaign("a", cap={"per_day": 2, "per_break": 2}, spots=films))
    ad_home.consent(1)
    asker = start()
    assert len(asker.spots(slots=[20, 20])) == 2
    page = asker.client.get("/ads/what-if", params={"id": "a", "per_day": "1", "language": "en"}).text
    assert row_of(page, "a") == (2, 1)
    assert row_of(page, r"Empty slots \(of 2\)") == (0, 1)


def test_before_the_first_break_there_is_nothing_to_replay(ad_home: AdHome, start: Callable[..., Asker]) -> None:
    ad_home.campaigns(campaign("a"))
    client = start().client
    page = client.get("/ads/what-if", params={"id": "a", "per_day": "1", "language": "en"})
    assert "no break in the last 24 hours" in page.text
    assert client.get("/ads/what-if", params={"id": "unknown"}).status_code == 404
    client.cookies.clear()
    assert "Replay" not in client.get("/ads/what-if", params={"id": "a", "language": "en"}).text
