"""HH-11: a real Chromium plays the ad pod, and what its player tells comes back as `ad` events, once each."""

import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copy, copytree
from typing import Any
from urllib.parse import parse_qs, urlsplit

import imageio_ffmpeg
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, Response

from core.paths import PROJECT_ROOT, Paths
from core.settings import load
from ingestion.decision_log import ingest_decisions
from tests.serving.ad_decision.ad_home import AdHome, campaign, device
from tests.serving.conftest import CATALOGUE_ROWS, write_catalogue
from tests.web.conftest import TOKEN
from tests.web.own_server import serving

pytestmark = pytest.mark.browser
BEARER = {"Authorization": f"Bearer {TOKEN}"}
CLIENT = PROJECT_ROOT / ".cache/web/node_modules/@dailymotion/vast-client/dist/vast-client.js"
SECONDS = 2.0
TOLD = ["impression", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete"]


@dataclass
class Broadcaster:
    """Somebody else's server: the player, the films, and the pod that its back end fetched with the token."""

    folder: Path
    address: str


@dataclass
class Told:
    """What the server answered to the player's tracking calls."""

    answers: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Event, address, whether it counted."""

    def take(self, response: Response) -> None:
        if "/ad-break/track/" in response.url:
            assert response.status == 204
            event = urlsplit(response.url).path.rsplit("/", 1)[-1]
            self.answers.append((event, response.url, response.headers.get("x-counted")))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Without the server of the other modules."""
    return {"viewport": {"width": 400, "height": 300}}


@pytest.fixture
def broadcaster(tmp_path: Path) -> Iterator[Broadcaster]:
    assert CLIENT.exists(), "the VAST client is not installed: python -m serving.web.bundle"
    for file in (*(Path(__file__).parent / "player").iterdir(), CLIENT):
        copy(file, tmp_path)
    for number, colour in enumerate(("red", "green")):
        film(tmp_path / f"film-{number}.webm", colour)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Broadcaster(tmp_path, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def film(file: Path, colour: str) -> None:
    source = f"color=c={colour}:s=160x90:r=10:d={SECONDS}"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libvpx", str(file)]
    subprocess.run(command, check=True, timeout=120)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, broadcaster: Broadcaster) -> Path:
    """Two campaigns with a film, one whose film is not there."""
    folder = tmp_path_factory.mktemp("vast")
    write_catalogue(load({"MEDIATHEK_HOME": str(folder)}), CATALOGUE_ROWS)
    arranged, now = AdHome(Paths(folder)), datetime.now(UTC).replace(tzinfo=None)
    rows = []
    for name, film_name in (("red", "film-0"), ("green", "film-1"), ("lost", "not-there")):
        spot = {"spot_id": name, "duration_s": SECONDS, "media_url": f"{broadcaster.address}/{film_name}.webm"}
        running = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=30)}
        rows.append(campaign(name, cap={"per_day": 1}, spots=[spot], **running))
    arranged.campaigns(*rows)
    arranged.consent(1)
    return folder


def test_a_pod_is_played_and_told_of_once_and_nothing_can_be_told_again_or_forged(
    page: Page, home: Path, broadcaster: Broadcaster
) -> None:
    asked = {"device_key": device(1), "content_id": "film-1", "device_class": "tv"}
    told = Told()
    page.on("response", told.take)
    for address in serving(home):
        query: dict[str, Any] = {**asked, "break_id": "one", "slots": "2,2,2"}
        pod = page.request.get(f"{address}/api/v1/ad-break/vast", params=query, headers=BEARER)
        assert pod.ok, pod.text()
        (broadcaster.folder / "pod.xml").write_bytes(pod.body())
        page.goto(f"{broadcaster.address}/index.html")
        page.wait_for_function("window.played", timeout=120_000)
        _played(page)
        _told(page, told)
        _refused(page, [url for _, url, _ in told.answers])
        sent = {**asked, "break_id": "two", "slots": [2, 2, 2]}
        after = page.request.post(f"{address}/api/v1/ad-break", data=sent, headers=BEARER).json()
        assert [spot["spot_id"] for spot in after["spots"]] == ["lost"], "what was not played is given back"
    settings = load({"MEDIATHEK_HOME": str(home / "ingested")})
    for name in ("ad_plays", "keys"):
        copytree(home / name, home / "ingested" / name)
    ingest_decisions(settings, datetime.now(UTC) + timedelta(hours=2))
    rows = [row for file in settings.paths.events.rglob("*.parquet") for row in pq.ParquetFile(file).read().to_pylist()]
    plays = [row for row in rows if row["event"] == "ad"]
    assert sorted(row["spot_id"] for row in plays) == ["green", "red"]
    assert {(row["device_key"], row["break_id"], row["content_id"]) for row in plays} == {(device(1), "one", "film-1")}


def _played(page: Page) -> None:
    """Both films to their end, in the order of the pod."""
    played = page.evaluate("window.played")
    assert sorted((each["title"], each["how"]) for each in played) == [
        ("green", "ended"), ("lost", "failed"), ("red", "ended"),
    ]  # fmt: skip
    assert all(each["seconds"] > SECONDS * 0.9 for each in played if each["how"] == "ended")


def _told(page: Page, told: Told) -> None:
    deadline = time.monotonic() + 60
    while len(told.answers) < 2 * len(TOLD) + 1 and time.monotonic() < deadline:
        page.wait_for_timeout(50)  # answers are taken meanwhile
    events = sorted(event for event, _, _ in told.answers)
    assert events == sorted([*TOLD, *TOLD, "error"])
    assert {counted for _, _, counted in told.answers} == {"yes"}
    assert len({address for _, address, _ in told.answers}) == len(told.answers)


def _refused(page: Page, addresses: list[str]) -> None:
    for address in addresses:
        again = page.request.get(address)
        assert (again.status, again.headers["x-counted"]) == (204, "no")
    path, _, query = addresses[0].partition("?")
    ticket = parse_qs(query)["ticket"][0]
    body, _, signature = ticket.partition(".")
    other = body[:-2] + ("AA" if body[-2:] != "AA" else "BB")
    for forged in (f"{other}.{signature}", f"{body}.{signature[::-1]}", body, "x.y"):
        assert page.request.get(f"{path}?ticket={forged}").status == 403
    wrong = path.rsplit("/", 1)[0] + ("/complete" if path.endswith("/impression") else "/impression")
    assert page.request.get(f"{wrong}?ticket={ticket}").status == 403
