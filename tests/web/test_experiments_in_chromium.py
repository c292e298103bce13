"""The experiments page in a real Chromium, by somebody who wants to know how a test stands (NV-M2, OPS-3)."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_how_a_test_stands_is_read_in_words_in_a_chart_and_by_keyboard_in_a_table(page: Page) -> None:
    page.goto("/experiments")
    expect(page.get_by_role("heading", level=1)).to_have_text("Experimente")
    experiment = page.locator("#next_video_blend")
    expect(experiment.locator(".verdict")).to_contain_text("Der Test läuft bis 31.12.2027")
    expect(experiment.locator("svg.course")).to_be_visible()
    expect(experiment.locator("svg.course")).to_have_attribute("role", "img")
    expect(experiment.get_by_text("Aufteilung stimmt")).to_be_visible()
    summary = experiment.get_by_text("Alle Blicke als Tabelle")
    table = experiment.locator("details table")
    expect(table).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(table).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(experiment.locator(".verdict")).to_contain_text("The test runs until 31 Dec 2027")


def test_the_chart_can_be_told_from_its_ground_in_light_and_dark(page: Page) -> None:
    """Colours come from the page's own: the line is another than the panel, whichever the scheme."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/experiments")
        line, ground = (
            page.locator(place).first.evaluate(f"each => getComputedStyle(each).{style}")
            for place, style in (("svg.course .change", "stroke"), (".panel.experiment", "backgroundColor"))
        )
        assert line != ground
        assert "rgb" in line
