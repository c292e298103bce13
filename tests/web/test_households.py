"""The households page in a real Chromium: the picture, its deltas, search, a household opened, the keyboard (HH-3, HH-4)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.paths import Paths
from tests.serving.households import a_city
from tests.serving.households.a_city import append, join, sighting, step
from tests.web.conftest import TOKEN
from tests.web.own_server import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("households")
    a_city.write_city(Paths(home))
    a_city.beat(Paths(home), is_alive=True)
    return home


@pytest.fixture(scope="session")
def base_url(home: Path) -> Iterator[str]:
    """A server of its own: tests write to its feed."""
    yield from serving(home)


@pytest.fixture
def watched(page: Page, base_url: str) -> Iterator[Page]:
    """The page, signed in and live; it must log no error and ask no other server."""
    errors: list[str] = []
    elsewhere: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((base_url, base_url.replace("http", "ws")))
            else elsewhere.append(request.url)
        ),
    )
    page.goto(f"{base_url}/households")
    page.get_by_label("Zugangstoken").fill(TOKEN)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.locator("#status")).to_have_text("live", timeout=30_000)
    expect(page.locator("#counts")).to_contain_text(re.compile(r"[2-9] Haushalte"), timeout=30_000)
    yield page
    assert errors == []
    assert elsewhere == []


def in_page(page: Page, expression: str) -> Any:
    """What an expression over the page's own modules says."""
    return page.evaluate(
        f"async () => {{ const {{ city, state, painter, frames }} = await import('/static/households/main.js'); return {expression}; }}"
    )


def wait_until_painted(page: Page) -> None:
    """More than one colour on the canvas; the browser draws when it likes, so it is waited for."""
    pixels = "painter.context.getImageData(0, 0, painter.canvas.width, painter.canvas.height).data"
    page.wait_for_function(
        "async () => { const { painter } = await import('/static/households/main.js');"
        f" return new Set({pixels}).size > 8; }}",
        timeout=60_000,
    )


def test_the_picture_shows_the_snapshot(watched: Page) -> None:
    assert in_page(watched, "[...city.households.keys()].sort().join()") == "hh-a,hh-b,hh-c"
    watched.wait_for_function("async () => (await import('/static/households/main.js')).painter.seen.length > 0")
    wait_until_painted(watched)


def test_a_delta_arrives_and_moves_a_device(watched: Page, home: Path) -> None:
    """HH-1: new events show while one watches; a second is measured by the benchmark, here only that they come."""
    append(Paths(home), step(1, [join("phone", "c", "a")], [sighting("phone")]))
    watched.wait_for_function(
        "async () => (await import('/static/households/main.js')).city.homeOf('d_phone')?.id === 'hh-c'", timeout=30_000
    )
    expect(watched.locator("#last")).to_contain_text("zuletzt")


def test_a_household_is_found_by_a_device_and_opens_with_reasons(watched: Page) -> None:
    watched.keyboard.press("/")
    expect(watched.locator("#search")).to_be_focused()
    watched.keyboard.type("d_tv")
    expect(watched.locator("#search-list [role=option]").first).to_contain_text("d_tv")
    watched.keyboard.press("Enter")
    expect(watched.locator("#detail h2")).to_have_text("hh-a")
    expect(watched.locator("#detail")).to_contain_text("an 20 Tagen und in 18 Nächten hier gesehen")
    expect(watched.locator("#detail")).to_contain_text("Besuche an 3 Tagen")


def test_pointing_at_a_device_tells_why_it_belongs_there(watched: Page) -> None:
    watched.locator("#search").fill("d_tv")
    watched.locator("#search").press("Enter")
    expect(watched.locator("#detail h2")).to_have_text("hh-a")
    reason = "dieser Fernseher war mit den anderen zugleich an einer Adresse"
    for nudge in range(100):  # the camera may still fly and the device still glide
        left, top = in_page(
            watched,
            "(() => { const item = state.chosen.devices.find((each) => each.id === 'd_tv'), { x, y, k } = state.camera;"
            " const box = painter.canvas.getBoundingClientRect(); return [box.left + item.x * k + x, box.top + item.y * k + y]; })()",
        )
        watched.mouse.move(left + nudge % 2, top)
        watched.wait_for_timeout(300)
        if reason in (watched.locator("#tip").text_content() or ""):
            break
    expect(watched.locator("#tip")).to_contain_text(reason)


def test_a_title_is_found_and_marks_who_viewed_it(watched: Page) -> None:
    watched.locator("#search").fill("title of film-1")
    watched.locator("#search").press("Enter")
    expect(watched.locator("#found-text")).to_contain_text("3 Haushalte")
    assert in_page(watched, "state.marked.size") == 3


def test_everything_goes_by_keyboard(watched: Page) -> None:
    watched.locator("#city").focus()
    before = in_page(watched, "state.camera.k")
    watched.keyboard.press("+")
    watched.wait_for_function(
        "async (k) => (await import('/static/households/main.js')).state.camera.k > 1.5 * k", arg=before
    )
    watched.keyboard.press("0")
    watched.keyboard.press("Enter")
    expect(watched.locator("#detail h2")).to_have_text(re.compile("hh-"))
    watched.keyboard.press("Escape")
    expect(watched.locator("#detail h2")).to_have_count(0)
    watched.keyboard.press("Space")
    expect(watched.locator("#play")).to_have_attribute("aria-label", "Anhalten")
    watched.keyboard.press("Space")
    expect(watched.locator("#play")).to_have_attribute("aria-label", "Zeitraum abspielen")


def test_the_time_slider_shows_how_it_was(watched: Page) -> None:
    watched.locator("#time").fill("100")
    expect(watched.locator("#time-text")).to_contain_text("UTC")
    shown = "city.homeOf('d_moved').id + [...city.households.values()].filter((one) => one.devices.some((item) => item.id === 'd_moved' && state.isDeviceShown(item))).map((one) => one.id)"
    assert in_page(watched, shown) == "hh-bhh-a", "it lives in b now, and lived in a then"


def test_filters_leave_out_what_they_name(watched: Page) -> None:
    watched.locator("#device-class").select_option("tablet")
    shown = "[...city.households.values()].filter((one) => state.isShown(one)).map((one) => one.id).join()"
    assert in_page(watched, shown) == "hh-b"
    expect(watched.locator("#counts")).to_contain_text("1 / 3 Haushalte")
    watched.locator("#strength").fill("80")
    assert in_page(watched, "state.strongLinks().length") == 0


def test_strangers_never_move_a_household_and_nobody_stands_on_another(watched: Page) -> None:
    """HH-3: packed by the stable id alone; only sizes give way."""
    found = watched.evaluate(
        """async () => {
          const { City } = await import("/static/households/city.js");
          const ids = Array.from({ length: 2000 }, (_, i) => `hh-${i}`);
          const node = (id) => ({ id, kind: "household" }), device = (id) => ({ id: `d${id}`, kind: "device" });
          const lives = (id) => ({ source: `d${id}`, target: id, kind: "lives", weight: 1, from_ms: 0 });
          const graph = (some) => ({ seq: 1, epoch: "", nodes: some.flatMap((id) => [node(id), device(id)]), links: some.map(lives) });
          const few = new City(), many = new City();
          few.reset(graph(ids.slice(0, 200)));
          many.reset(graph(ids));
          const before = JSON.stringify([...few.households.values()].map(({ id, x, y, r }) => [id, x, y, r]));
          few.apply({ seq: 2, removed: { nodes: [], links: [] }, ...graph(ids.slice(200, 1000)), changes: [] });
          const after = JSON.stringify([...few.households.values()].slice(0, 200).map(({ id, x, y, r }) => [id, x, y, r]));
          const isSame = [...few.households.values()].every(({ id, x, y }) => many.households.get(id).x === x && many.households.get(id).y === y);
          const all = [...many.households.values()];
          const overlaps = all.filter((a) => all.some((b) => a !== b && Math.hypot(a.x - b.x, a.y - b.y) < 0.999 * (a.r + b.r) && a.r > 0.2 && b.r > 0.2));
          return { isUnmoved: before === after, isSame, overlaps: overlaps.length };
        }"""
    )
    assert found == {"isUnmoved": True, "isSame": True, "overlaps": 0}


def test_a_list_says_the_same_to_those_who_cannot_see_the_picture(watched: Page) -> None:
    watched.locator("#as-list summary").click()
    expect(watched.locator("#list button")).to_have_count(3)
    watched.locator("#list button", has_text="hh-b").press("Enter")
    expect(watched.locator("#detail h2")).to_have_text("hh-b")
    expect(watched.locator("#detail")).to_contain_text("womöglich zwei Haushalte")


def test_it_can_be_read_on_a_phone_in_english_and_dark(watched: Page, base_url: str) -> None:
    watched.set_viewport_size({"width": 390, "height": 800})
    watched.emulate_media(color_scheme="dark")
    watched.goto(f"{base_url}/households?language=en")
    expect(watched.get_by_role("heading", level=1)).to_have_text("Households, live")
    expect(watched.locator("#status")).to_have_text("live", timeout=30_000)
    expect(watched.locator("#counts")).to_contain_text("households", timeout=30_000)
    watched.wait_for_function("async () => (await import('/static/households/main.js')).painter.seen.length > 0")
    assert watched.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    wait_until_painted(watched)


def test_what_has_just_happened_is_told_and_leads_to_the_household(watched: Page, home: Path) -> None:
    append(Paths(home), step(5, [join("tablet", "a", "b")], [sighting("tablet")]))
    newest = watched.locator("#activity button").first
    expect(newest).to_contain_text("d_tablet kam dazu", timeout=30_000)
    expect(watched.locator("#rate-text")).to_contain_text(re.compile("[1-9] Ereignisse je Minute"), timeout=30_000)
    newest.click()
    expect(watched.locator("#detail h2")).to_have_text("hh-a")


def test_it_says_when_nothing_is_live_and_how_to_set_it_in_motion(watched: Page, home: Path) -> None:
    """HH-3: a picture that stands still must not look as if it were live."""
    a_city.beat(Paths(home), is_alive=False)
    expect(watched.locator("#status")).to_have_text("Standbild", timeout=30_000)
    expect(watched.locator("#standing")).to_contain_text("mediathek serve --source")
    expect(watched.locator("#last")).to_contain_text("Stand:")
    a_city.beat(Paths(home), is_alive=True)
    expect(watched.locator("#status")).to_have_text("live", timeout=30_000)
    expect(watched.locator("#standing")).to_be_hidden()


def test_the_stream_is_taken_up_again_after_a_break(watched: Page, home: Path) -> None:
    """HH-3: who comes back is told what was missed."""
    watched.context.set_offline(True)
    watched.evaluate("async () => (await import('/static/households/main.js')).socket.io.engine.close()")
    expect(watched.locator("#status")).to_have_text("nicht verbunden", timeout=30_000)
    append(Paths(home), step(9, [join("radio", "b", "c")]))
    watched.context.set_offline(False)
    watched.wait_for_function(
        "async () => (await import('/static/households/main.js')).city.homeOf('d_radio')?.id === 'hh-b'", timeout=60_000
    )
