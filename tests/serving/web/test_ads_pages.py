"""The ad manager's pages: campaigns seen, paused, changed and made; who may, and what is refused (HH-10, HH-11)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.contracts.lake import CAMPAIGNS
from core.settings import Settings
from serving.ad_decision.campaign_changes import append_change, line_of_row, merged, read_changes
from tests.serving.ad_decision.ad_home import AdHome, Asker, campaign, device

FORM = {
    "campaign_id": "neu", "advertiser": "Glut & Söhne", "starts_at": "2026-04-30T00:00", "ends_at": "2026-05-30T00:00",
    "impressions": "20.000", "per_day": "2", "per_break": "1", "spots": "neu-a; 20; https://spots.example/neu.mp4",
}  # fmt: skip


@pytest.fixture
def asker(ad_home: AdHome, start: Callable[..., Asker]) -> Asker:
    """One campaign, one household that has consented, signed in."""
    ad_home.campaigns(campaign("a"))
    ad_home.live({"hh-1": [1]})
    ad_home.consent(1)
    return start()


def test_nothing_is_shown_or_changed_without_the_token(ad_home: AdHome, start: Callable[..., Asker]) -> None:
    """PRV-4"""
    ad_home.campaigns(campaign("secret-campaign"))
    client = start(is_signed_in=False).client
    assert "of secret-campaign" not in client.get("/ads").text
    assert "of secret-campaign" not in client.get("/ads/campaign?id=secret-campaign").text
    assert client.post("/ads/pause", data={"id": "secret-campaign", "paused": "1"}).status_code == 403
    assert client.post("/ads/campaign", data=FORM).status_code == 403
    assert client.post("/ads/sign-in", data={"token": "wrong"}).status_code == 403
    assert not ad_home.paths.ads.campaign_changes.exists()


def test_what_was_placed_stands_beside_what_was_booked(asker: Asker) -> None:
    asker.spots()
    page = asker.client.get("/ads?language=en").text
    row = page[page.index("id=a") :]
    assert "1,000,000" in row
    assert '<td class="number">1<br>' in row
    assert '"placed": 1' in page
    assert "running" in row


def test_a_paused_campaign_is_not_shown_until_it_goes_on(asker: Asker) -> None:
    """It takes effect on the next break."""
    asker.client.post("/ads/pause", data={"id": "a", "paused": "1"})
    assert "angehalten" in asker.client.get("/ads?language=de").text
    assert asker.spots() == []
    asker.client.post("/ads/pause", data={"id": "a", "paused": ""})
    assert asker.spots() == ["a-a"]


def test_a_new_campaign_is_kept_and_shown_in_the_next_break(asker: Asker, settings: Settings) -> None:
    asker.client.post("/ads/pause", data={"id": "a", "paused": "1"})
    done = asker.client.post("/ads/campaign", data=FORM)
    assert "ab der nächsten Werbepause" in done.text
    assert asker.spots() == ["neu-a"]
    (row,) = [row for row in read_changes(settings.paths.ads.campaign_changes) if row["campaign_id"] == "neu"]
    assert row["starts_at"] == datetime(2026, 4, 29, 22)  # midnight in Berlin
    assert row["impressions"] == 20_000


def test_a_mistake_is_named_at_its_field_and_nothing_is_kept(asker: Asker, settings: Settings) -> None:
    reply = asker.client.post("/ads/campaign", data=FORM | {"impressions": "viele", "split_tv": "60"})
    assert reply.status_code == 422
    for field, words in (("impressions", "keine ganze Zahl"), ("split_tv", "nicht 100")):
        found = re.search(rf'id="{field}-wrong">([^<]*)<', reply.text)
        assert found is not None, "the field is not named"
        assert words in found[1]
        assert f'aria-describedby="{field}-wrong"' in reply.text
    assert 'value="viele"' in reply.text
    taken = asker.client.post("/ads/campaign", data=FORM | {"campaign_id": "a"})
    assert "gibt es schon" in taken.text
    assert not settings.paths.ads.campaign_changes.exists()


def form_of(page: str) -> dict[str, str]:
    fields = dict(re.findall(r'<input type="(?:text|hidden|datetime-local)"[^>]* name="(\w+)" value="([^"]*)"', page))
    return fields | {"spots": re.search(r'<textarea id="spots"[^>]*>([^<]*)<', page)[1]}  # type: ignore[index]


def test_a_changed_cap_holds_and_the_history_tells_what_it_was(asker: Asker) -> None:
    """HH-11"""
    sent = form_of(asker.client.get("/ads/campaign?id=a").text)
    assert sent["per_day"] == "3"
    assert sent["spots"] == "a-a; 20; https://spots.example/a.mp4"
    asker.client.post("/ads/campaign", data=sent | {"per_day": "1"})
    page = asker.client.get("/ads/campaign?id=a&language=en").text
    assert "At most per household and day: 3 → 1" in page
    assert "from the booking system" in page
    assert asker.post().json()["spots"][0]["cap"]["per_day"] == 1


def test_two_who_change_at_once_do_not_overwrite_each_other(asker: Asker) -> None:
    sent = form_of(asker.client.get("/ads/campaign?id=a").text)
    assert asker.client.post("/ads/campaign", data=sent | {"per_day": "1"}).status_code == 200
    late = asker.client.post("/ads/campaign", data=sent | {"impressions": "5"})
    assert late.status_code == 409
    assert form_of(late.text)["per_day"] == "1"


def test_values_that_only_the_booking_system_knows_survive_a_change(
    ad_home: AdHome, start: Callable[..., Asker]
) -> None:
    """Else a narrow target would silently become everybody."""
    ad_home.campaigns(campaign("a", target={"age_groups": ["12-13"], "months": ["june"]}))
    asker = start()
    page = asker.client.get("/ads/campaign?id=a").text
    assert re.search(r'value="12-13" checked', page)
    asker.client.post("/ads/campaign", data=form_of(page) | {"age_groups": "12-13"})
    (row,) = read_changes(ad_home.paths.ads.campaign_changes)
    assert '"age_groups": ["12-13"]' in row["target"]
    assert '"months": [6]' in row["target"]


def test_how_often_households_saw_a_campaign_comes_from_the_log(ad_home: AdHome, start: Callable[..., Asker]) -> None:
    """Two devices of one household on one day are one household that saw it twice."""
    ad_home.campaigns(campaign("a"))
    ad_home.live({"hh-1": [1, 2]})
    ad = {"event": "ad", "spot_id": "a-a", "break_id": "b", "happened_at": datetime(2026, 5, 1, 10)}
    ad_home.events(*(ad | {"device_key": device(number)} for number in (1, 2, 3)))
    client = start().client
    page = client.get("/ads").text
    assert '{"households": 1, "plays": "1"}' in page
    assert '{"households": 1, "plays": "2"}' in page


def row(name: str, day: int, **fields: Any) -> dict[str, Any]:
    return dict.fromkeys(CAMPAIGNS.names) | campaign(name) | {"updated_at": datetime(2026, 5, day)} | fields


def test_the_newest_line_counts_and_pausing_holds_until_it_is_taken_back() -> None:
    paused = row("a", 2, paused=True, category=None)
    assert merged([row("a", 1)], [paused]) == [paused]
    (newer,) = merged([row("a", 3, impressions=7)], [paused])
    assert (newer["impressions"], newer["paused"]) == (7, True)


def test_a_line_that_a_killed_writer_left_unfinished_harms_no_other(settings: Settings) -> None:
    file = settings.paths.ads.campaign_changes
    line = line_of_row(row("a", 1))
    append_change(file, line)
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])
    append_change(file, line | {"campaign_id": "b"})
    assert [each["campaign_id"] for each in read_changes(file)] == ["a", "b"]
