"""The pages about ad detection in a real Chromium: corrected and saved by mouse and keys; ads lowered, left, skipped."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core import clock
from core.contracts.ad_detection import instant_text, recordings
from core.contracts.ad_labels import labels_folder, read_corrections
from core.contracts.ad_recordings import stem_of
from core.paths import Paths
from tests.chance_detector import noise
from tests.serving.ad_detection.test_detect import wav
from tests.web.conftest import TOKEN
from tests.web.own_server import serving

pytestmark = pytest.mark.browser
START = datetime(2026, 5, 1, 11, tzinfo=UTC)
RECORDING = "radio-eins/20260501T110000Z.wav"
PARTS = [(0, 2, "talk", None), (2, 5, "ad", "grill-a"), (5, 30, "music", None)]


def keep(home: Path, station: str, parts: list[tuple[int, int, str, str | None]], start: datetime = START) -> None:
    """A recording of half a minute, and what a detector said of it."""
    folder = recordings(Paths(home)) / station
    folder.mkdir(parents=True, exist_ok=True)
    wav(folder / f"{stem_of(start)}.wav", np.tile(noise(1, 1), 30) * 0.1)
    said = {
        second: {"label": label, "spot_id": spot} for start, end, label, spot in parts for second in range(start, end)
    }
    shares = {"ad": 0.2, "talk": 0.3, "music": 0.5}
    verdicts = [
        {"at": instant_text(start + timedelta(seconds=second)), "confidence": 0.9, "level_db": -30.0,
         "probabilities": shares, **said[second]} for second in range(30)
    ]  # fmt: skip
    segments = [
        {"start_s": start, "end_s": end, "label": label, "confidence": 0.9, "spot_id": spot}
        for start, end, label, spot in parts
    ]
    heard = {"duration_s": 30.0, "segments": segments, "verdicts": verdicts}
    (folder / f"{stem_of(start)}.json").write_text(json.dumps(heard))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("detections")
    keep(folder, "radio-eins", PARTS)
    keep(folder, "welle-nord", [(0, 30, "music", None)])
    return folder


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """None that all share: this module has a server of its own."""
    return ""


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    yield from serving(home)


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"locale": "de-DE", "viewport": {"width": 1200, "height": 900}}


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


def until(page: Page, condition: str) -> None:
    """Wait for what stays so once it is: nothing here depends on how quick the machine is."""
    page.wait_for_function(f"() => {{ const sound = document.getElementById('sound'); return {condition}; }}")


WATCH = """() => {
    const sound = document.getElementById("sound"), other = document.getElementById("other");
    window.seen = [];
    const note = () => window.seen.push([sound.volume, sound.muted, other.paused]);
    for (const event of ["volumechange"]) sound.addEventListener(event, note);
    for (const event of ["play", "pause"]) other.addEventListener(event, note);
}"""
"""Notes whatever is done to the sound, so that nothing that passes is missed."""


def test_a_border_is_dragged_a_stretch_relabelled_saved_and_there_again(
    page: Page, address: str, home: Path, errors: list[str]
) -> None:
    """AD-6"""
    page.goto(f"{address}/detections")
    page.get_by_label("Zugangstoken").fill(TOKEN)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="radio-eins").click()
    page.locator(".editor[data-ready]").wait_for()
    box, row = page.locator("[data-border='0']").bounding_box(), page.locator("#row").bounding_box()
    assert box is not None
    assert row is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(row["x"] + row["width"] * 4 / 30, box["y"] + 20, steps=4)
    page.mouse.up()
    page.locator("[data-border='0']").press("ArrowRight")
    page.locator("[data-stretch='2']").click()
    page.locator("body").press("1")
    page.get_by_label("Name des Spots").fill("oel-b")
    page.get_by_role("button", name="Übernehmen").click()
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator("#said")).to_contain_text("Gespeichert: 3")

    page.reload()
    page.locator(".editor[data-ready]").wait_for()
    expect(page.locator(".stretch.checked")).to_have_count(3)
    expect(page.locator("[data-stretch='2']")).to_have_text("oel-b")
    (said,) = read_corrections(labels_folder(Paths(home)))
    assert (said.recording, said.by) == (RECORDING, "editor")
    assert [each.label for each in said.segments] == ["talk", "ad", "ad"]
    assert said.segments[0].end_s == pytest.approx(4.1, abs=0.1)
    assert said.segments[2].spot_id == "oel-b"
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_player_lowers_leaves_and_skips_ads(page: Page, address: str, home: Path, errors: list[str]) -> None:
    """AD-8"""
    (labels_folder(Paths(home)) / "radio-eins.20260501T110000Z.json").unlink(missing_ok=True)
    page.goto(f"{address}/detections/player")
    page.get_by_label("Quelle", exact=True).select_option(RECORDING)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Abspielen").click()
    until(page, "sound.currentTime >= 5 && sound.volume === 1")
    assert [volume for volume, _, _ in page.evaluate("window.seen")] == [0.1, 1]

    page.get_by_label("Zweite Quelle").select_option("welle-nord/20260501T110000Z.wav")
    page.get_by_role("heading", name="Abspieler").click()
    page.locator("body").press("2")
    page.evaluate("document.getElementById('sound').currentTime = 1.5")
    until(page, "sound.currentTime >= 5 && window.seen.length > 4 && !sound.muted")
    seen = page.evaluate("window.seen")[2:]
    assert [1, True, False] in seen, "the second source plays while the first is silent"
    assert seen[-1] == [1, False, True]

    page.evaluate("document.getElementById('sound').pause()")
    page.locator("body").press("3")
    page.evaluate("document.getElementById('sound').currentTime = 2")
    until(page, "sound.currentTime >= 5")
    expect(page.locator("#done")).to_contain_text("3 s Werbung übersprungen")
    page.evaluate("document.getElementById('sound').currentTime = 1")
    page.locator("body").press(" ")
    until(page, "sound.currentTime >= 5")
    assert float(page.locator("#done").get_attribute("data-skipped") or 0) > 3
    page.evaluate("document.getElementById('sound').currentTime = 1")
    page.locator("body").press(" ")
    until(page, "sound.paused")
    page.locator("#report").get_by_role("button", name="Gespräch").click()
    expect(page.locator("#done")).to_contain_text("gemeldet")


def test_a_local_file_is_played_with_its_verdicts(
    page: Page, address: str, home: Path, tmp_path: Path, errors: list[str]
) -> None:
    """AD-8, AD-10: it never leaves the browser."""
    file, verdicts = recordings(Paths(home)) / RECORDING, tmp_path / "a.json"
    heard = json.loads(file.with_suffix(".json").read_text())
    verdicts.write_text(json.dumps([{"file": file.name, **heard}]))
    page.goto(f"{address}/detections/player")
    page.locator("#file").set_input_files([file, verdicts])
    page.get_by_label("überspringen").check()
    page.get_by_role("button", name="Abspielen").click()
    until(page, "sound.src.startsWith('blob:') && sound.currentTime >= 5")
    assert float(page.locator("#done").get_attribute("data-skipped") or 0) > 0


def test_a_station_is_played_ten_minutes_behind_from_one_recording_to_the_next(
    page: Page, address: str, home: Path, errors: list[str]
) -> None:
    """AD-8: on a slow machine it comes in later, and arrives at the same."""
    first = clock.now() - timedelta(seconds=622)
    second = first + timedelta(seconds=30)
    for start in (first, second):
        keep(home, "radio-sued", [(0, 30, "music", None)], start)
    page.goto(f"{address}/detections/player")
    page.get_by_label("Quelle", exact=True).select_option("shift:radio-sued")
    page.get_by_role("button", name="Abspielen").click()
    until(page, f"sound.src.endsWith('{stem_of(second)}.wav') && sound.currentTime > 0")
