"""AD-6, AD-10: who may read, hear and correct recordings."""

import json

import pytest
from fastapi.testclient import TestClient

from core.contracts.ad_detection import recordings, served_detector
from core.contracts.ad_labels import labels_folder, read_corrections
from core.settings import Settings
from tests.chance_detector import chance_bundle, noise
from tests.serving.ad_detection.test_detect import wav
from tests.serving.conftest import World

NAME = "radio-eins/20260501T110000Z.wav"
GOOD = {"start_s": 0, "end_s": 4, "label": "talk"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    from tests.serving.conftest import settings_at

    made = settings_at(tmp_path_factory.mktemp("home"))
    file = recordings(made.paths) / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(b"0123456789")
    file.with_suffix(".json").write_text(json.dumps({"duration_s": 10.0, "segments": []}))
    return made


@pytest.fixture(scope="module")
def world(settings: Settings) -> World:
    made = World(settings)
    app = made.client().app
    made.client = lambda: TestClient(app)  # type: ignore[method-assign]  # one app for all
    return made


def browser(world: World, host: str = "127.0.0.1", peer: str = "127.0.0.1", *, signed_in: bool = False) -> TestClient:
    client = TestClient(world.client().app, base_url=f"http://{host}", client=(peer, 50000))
    if signed_in:
        client.cookies.set("mediathek_token", world.token)
    return client


def test_sound_is_sent_in_ranges_to_this_machine_and_to_nobody_else(world: World) -> None:
    sound = f"/detections/sound/{NAME}"
    part = browser(world).get(sound, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert browser(world, "localhost").get(sound).status_code == 200
    assert browser(world, peer="192.0.2.7").get(sound).status_code == 403
    assert browser(world, "pages.example").get(sound).status_code == 403
    assert browser(world).get(sound, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    assert browser(world, peer="192.0.2.7", signed_in=True).get(sound).status_code == 403


@pytest.mark.parametrize("name", ["radio-eins/20260501T110000Z.json", "radio-eins/..%2f..%2ftoken", "x/y.mp3"])
def test_only_recordings_are_sent(world: World, name: str) -> None:
    assert browser(world).get(f"/detections/sound/{name}").status_code == 404


def test_corrections_are_saved_with_the_token_replaced_and_taken_back(world: World, settings: Settings) -> None:
    address = f"/detections/labels/{NAME}"
    assert browser(world).post(address, json={"segments": [GOOD]}).status_code == 401
    signed = browser(world, signed_in=True)
    assert signed.post(address, json={"segments": [GOOD]}).json() == {"saved": 1}
    assert signed.post(address, json={"segments": [GOOD | {"end_s": 5}]}).json() == {"saved": 1}
    (said,) = read_corrections(labels_folder(settings.paths))
    assert [each.end_s for each in said.segments] == [5]
    page = browser(world).get("/detections?language=en").text
    assert "0:05" in page
    assert signed.post(address, json={"segments": []}).json() == {"saved": 0}
    assert read_corrections(labels_folder(settings.paths)) == []


@pytest.mark.parametrize(
    "segments",
    [
        [GOOD | {"label": "jingle"}],
        [GOOD | {"start_s": 4}],
        [GOOD, GOOD | {"start_s": 3, "end_s": 6}],
        [GOOD | {"end_s": "late"}],
    ],
)
def test_stretches_that_cannot_be_are_refused(world: World, settings: Settings, segments: list[dict[str, str]]) -> None:
    answer = browser(world, signed_in=True).post(f"/detections/labels/{NAME}", json={"segments": segments})
    assert answer.status_code == 422
    assert read_corrections(labels_folder(settings.paths)) == []


def test_reports_are_shown_to_those_with_the_token_only(world: World) -> None:
    said = {"station": "radio-eins", "at": "2026-05-01T11:00:02Z", "label": "ad", "comment": "<b>Seife</b>"}
    report = browser(world).post("/api/v1/detections/reports", json=said).json()["id"]
    assert "Seife" not in browser(world).get("/detections").text
    assert browser(world).get(f"/detections/data/{NAME}").json()["reports"] == []
    signed = browser(world, signed_in=True)
    assert "&lt;b&gt;Seife" in signed.get("/detections").text
    assert [each["id"] for each in signed.get(f"/detections/data/{NAME}").json()["reports"]] == [report]
    decision = {"decision": "rejected"}
    assert browser(world).post(f"/detections/decision/{report}", json=decision).status_code == 401
    assert signed.post(f"/detections/decision/{report}", json=decision).json()["state"] == "rejected"


def test_an_unknown_recording_is_not_found(world: World) -> None:
    assert browser(world).get("/detections/recording?name=radio-eins/x.mp3").status_code == 404


def test_what_a_version_made_of_the_corrections_is_shown_beside_the_one_before(
    world: World, settings: Settings
) -> None:
    folder = served_detector(settings.paths)
    folder.mkdir(parents=True)
    after = {"false_ad_s": 1.0, "missed_ad_s": 22.0}
    for said, shown in ((after | {"missed_ad_s": 7113.0}, "7,113 s"), (None, "–")):
        figures = {"seconds": 8000.0, "after": after} | ({"before": said} if said else {})
        (folder / "manifest.json").write_text(json.dumps({"corrections": figures}))
        page = browser(world).get("/detections?language=en").text
        row = page[page.index("Ads missed") :].split("</tr>")[0]
        assert shown in row
        assert "22 s" in row
        assert "8,000 corrected seconds" in page
    (folder / "manifest.json").write_text("{")
    assert "no correction yet" in browser(world).get("/detections?language=en").text


@pytest.mark.slow
def test_a_file_is_heard_for_this_machine_only_and_forgotten(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AD-8, AD-10"""
    monkeypatch.setenv("MEDIATHEK_HOME", str(settings.home))  # what detects is a process of its own
    chance_bundle().write(served_detector(settings.paths))
    sound = wav(settings.home / "mine.wav", noise(9, 20)).read_bytes()
    kind = {"Content-Type": "application/octet-stream"}
    assert len(sound) > settings.serving.max_body_kilobytes * 1024
    assert browser(world, peer="192.0.2.7").post("/detections/hear", content=sound, headers=kind).status_code == 403
    assert browser(world).post("/detections/hear", content=sound).status_code == 415
    refused = browser(world).post("/detections/hear", content=b"no sound", headers=kind)
    assert refused.status_code == 422
    assert "no sound" in refused.json()["message"]
    answer = browser(world).post("/detections/hear", content=sound, headers=kind)
    assert answer.json()["segments"][-1]["end_s"] == pytest.approx(20, abs=0.1)
    assert list(settings.home.glob(".heard-*")) == []
