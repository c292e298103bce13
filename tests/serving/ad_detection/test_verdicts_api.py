"""AD-7, AD-10: verdicts as a list and as Server-Sent Events; never the sound."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.contracts.ad_detection import VerdictLine, instant_text, verdict_logs
from core.paths import Paths
from serving.ad_detection.verdict_log import VerdictLog, VerdictTail
from serving.ad_detection.verdicts_api import add_verdicts, events
from serving.errors import handle_errors

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LISTED = "/api/v1/detections/verdicts/radio-1"
STREAM = "/api/v1/detections/stream/radio-1"


def line(at: datetime) -> VerdictLine:
    shares = {"ad": 0.9, "talk": 0.05, "music": 0.05}
    return VerdictLine(
        at=instant_text(at), label="ad", confidence=0.9, probabilities=shares, level_db=-11.0, spot_id="cola"
    )


def write(folder: Path, times: list[datetime]) -> None:
    log = VerdictLog(folder, "radio-1")
    for at in times:
        log.append(line(at))
    log.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    paths = Paths(tmp_path_factory.mktemp("home"))
    write(verdict_logs(paths), [NOW - timedelta(seconds=after) for after in range(3700, 0, -1)])
    made = FastAPI()
    handle_errors(made)
    add_verdicts(made, paths, lambda: NOW)
    return made


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as running:
        yield running


def test_stations_come_with_their_newest_verdict(client: TestClient) -> None:
    assert client.get("/api/v1/detections/stations").json() == [
        {"station": "radio-1", "newest": dict(line(NOW - timedelta(seconds=1)))}
    ]


def test_the_list_is_of_the_time_asked_for(client: TestClient) -> None:
    asked = {"from": "2026-05-01T13:00:00+02:00", "to": "2026-05-01T11:00:03Z"}
    found = client.get(LISTED, params=asked).json()
    assert found == [dict(line(NOW - timedelta(hours=1) + timedelta(seconds=second))) for second in range(3)]
    assert len(client.get(LISTED).json()) == 600


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        (LISTED, {"from": "2026-05-01T00:00:00Z", "to": "2026-05-01T12:00:00Z"}, 422),
        (LISTED, {"from": "2026-05-01T11:00:00"}, 422),
        (LISTED, {"from": "0001-01-01T00:00:00+14:00"}, 422),
        (LISTED, {"from": "yesterday"}, 422),
        (STREAM, {"from": "yesterday"}, 422),
        ("/api/v1/detections/verdicts/radio-2", {}, 404),
        ("/api/v1/detections/verdicts/..%2F", {}, 404),
        ("/api/v1/detections/stream/Radio", {}, 404),
    ],
)
def test_bad_requests_have_a_clear_word(client: TestClient, path: str, params: dict[str, str], status: int) -> None:
    assert client.get(path, params=params).status_code == status


def test_an_id_that_is_no_time_is_refused(client: TestClient) -> None:
    assert client.get(STREAM, headers={"Last-Event-ID": "17"}).status_code == 422


def streamed(app: FastAPI, client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    """All of a stream that ends at its first look, as the server's end does it."""
    looks = iter([False, True])

    class Ending:
        def __bool__(self) -> bool:
            return next(looks)

    app.state.is_ending = Ending()
    answer = client.get(STREAM, **asked)
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(each.split(": ", 1) for each in block.splitlines() if each)
        if fields.get("event") == "verdict":
            found.append(json.loads(fields["data"]))
            assert fields["id"] == found[-1]["at"]
    return found


def test_a_stream_begins_with_the_newest_verdict(app: FastAPI, client: TestClient) -> None:
    assert streamed(app, client) == [dict(line(NOW - timedelta(seconds=1)))]


def test_a_stream_goes_on_where_the_client_stopped(app: FastAPI, client: TestClient) -> None:
    last = instant_text(NOW - timedelta(seconds=4))
    found = streamed(app, client, headers={"Last-Event-ID": last})
    assert found == [dict(line(NOW - timedelta(seconds=after))) for after in (3, 2, 1)]


def test_a_stream_may_begin_in_the_past_for_a_player_behind_live(app: FastAPI, client: TestClient) -> None:
    """AD-8: ten minutes behind."""
    found = streamed(app, client, params={"from": "2026-05-01T11:59:58Z"})
    assert [each["at"] for each in found] == ["2026-05-01T11:59:58.000Z", "2026-05-01T11:59:59.000Z"]
    earliest = streamed(app, client, params={"from": "2026-05-01T00:00:00Z"})[0]
    assert earliest["at"] > "2026-05-01T11:00", "an hour at most"


def test_new_verdicts_are_sent_as_they_come_and_who_has_gone_is_found_out(tmp_path: Path) -> None:
    write(tmp_path, [NOW])
    tail, sent, polls = VerdictTail(tmp_path / "radio-1", instant_text(NOW)), [], [0]

    async def sleep(_: float) -> None:
        polls[0] += 1
        if polls[0] == 2:
            write(tmp_path, [NOW + timedelta(seconds=1)])

    async def collect(is_ending: Callable[[], bool]) -> None:
        sent.extend([event async for event in events(tail, is_ending, sleep)])

    asyncio.run(collect(lambda: polls[0] > 70))
    assert [event.split(b"\n")[0] for event in sent] == [b"retry: 2000", b"event: verdict", b": still here"]
