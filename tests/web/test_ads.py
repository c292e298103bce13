"""The ad manager's and the viewer's pages in a real Chromium: a campaign made, shown, looked up, paused, opted out of."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.paths import Paths
from core.settings import load
from tests.serving.ad_decision.ad_home import AdHome, device
from tests.serving.conftest import CATALOGUE_ROWS, write_catalogue
from tests.web.conftest import TOKEN
from tests.web.own_server import serving

pytestmark = pytest.mark.browser
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, over a household with consent and no campaign yet."""
    home = tmp_path_factory.mktemp("ads")
    write_catalogue(load({"MEDIATHEK_HOME": str(home)}), CATALOGUE_ROWS)
    arranged = AdHome(Paths(home))
    arranged.live({"hh-1": [1, 2]})
    arranged.consent(1, 2)
    yield from serving(home)


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Without an address: what lasts for the session must not carry this one to other modules."""
    return {"locale": "de-DE", "viewport": {"width": 1200, "height": 900}}


def spots(page: Page, base_url: str, break_id: str) -> list[str]:
    """What a break of the household's first device gets."""
    sent = {"device_key": device(1), "content_id": "film-1", "device_class": "tv", "break_id": break_id, "slots": [20]}
    answer = page.request.post(f"{base_url}/api/v1/ad-break", data=sent, headers=BEARER)
    assert answer.ok, answer.text()
    return [spot["spot_id"] for spot in answer.json()["spots"]]


def test_a_campaign_is_made_shown_explained_opted_out_of_and_paused(page: Page, base_url: str) -> None:
    """HH-10, HH-11, PRV-2"""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{base_url}/ads")
    page.get_by_label("Zugangstoken").fill(TOKEN)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Neue Kampagne").click()

    for field, value in (
        ("campaign_id", "grill"), ("advertiser", "Glut & Söhne"), ("starts_at", "2020-01-01T00:00"),
        ("ends_at", "2099-01-01T00:00"), ("per_day", "2"),
    ):  # fmt: skip
        page.locator(f"#{field}").fill(value)
    page.locator("#spots").fill("grill-a; 20; https://spots.example/grill.mp4")
    page.get_by_role("button", name="Speichern").click()
    page.get_by_role("alert").get_by_role("link", name="Gebuchte Ausspielungen").click()
    expect(page.locator("#impressions")).to_have_attribute("aria-invalid", "true")
    page.locator("#impressions").fill("9.000.000")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Gespeichert")
    assert spots(page, base_url, "before") == ["grill-a"]

    page.goto(f"{base_url}/ads")
    row = page.locator("#campaigns tbody tr")
    expect(row).to_contain_text("9.000.000")
    expect(row).to_contain_text("läuft")
    expect(page.locator("#classes svg").last).to_be_visible()

    page.goto(f"{base_url}/ads/why?unit={device(1)}")
    expect(page.locator("#plays tbody tr")).to_contain_text("von höchstens 2 am Tag")

    link = page.request.post(f"{base_url}/api/v1/my-ads/link", data={"device_key": device(1)}, headers=BEARER)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(base_url + link.json()["address"])
    expect(page.locator("#plays")).to_contain_text("Glut & Söhne")
    page.get_by_role("button", name="Werbung soll sich nicht nach mir richten").press("Enter")
    expect(page.locator("#choice")).to_contain_text("Sie haben widersprochen")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert spots(page, base_url, "after") == ["grill-a"]  # by the programme alone, and not remembered
    page.goto(f"{base_url}/ads/why?unit={device(1)}")
    expect(page.locator("#plays tbody tr")).to_have_count(1)

    page.goto(f"{base_url}/ads")
    page.get_by_role("button", name="Anhalten: grill").click()
    expect(page.locator("#campaigns tbody tr")).to_contain_text("angehalten")
    assert spots(page, base_url, "paused") == []
    assert errors == []
