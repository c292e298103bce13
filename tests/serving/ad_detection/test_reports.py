"""AD-6: reports of misdetections, their moderation, and that a report alone never changes anything."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.contracts.ad_detection import recordings, served_detector
from core.contracts.ad_labels import labels_folder, read_corrections, reports_file
from core.paths import Paths
from serving.ad_detection.reports import Report, Reports, TooManyReportsError
from serving.ad_detection.reports_api import add_reports
from serving.errors import handle_errors
from tests.chance_detector import chance_bundle
from training.ad_detection.corrections import corrected

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
BEARER = {"Authorization": "Bearer token-of-the-tests"}
SAID = {"station": "radio-eins", "at": "2026-05-01T11:30:07Z", "label": "talk"}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


@pytest.fixture
def client(paths: Paths) -> Iterator[TestClient]:
    app = FastAPI()
    app.state.token = "token-of-the-tests"
    handle_errors(app)
    add_reports(app, paths, lambda: NOW)
    with TestClient(app) as client:
        yield client
    app.state.detection_reports.close()


def keep(paths: Paths, station: str = "radio-eins", stem: str = "20260501T110000Z") -> str:
    """A recording of an hour; its sound is never asked for here."""
    folder = recordings(paths) / station
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.mp3").write_bytes(b"sound")
    (folder / f"{stem}.json").write_text(json.dumps({"duration_s": 3600.0, "segments": []}))
    return f"{station}/{stem}.mp3"


def sent(client: TestClient, **fields: Any) -> str:
    answer = client.post("/api/v1/detections/reports", json=SAID | fields)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "open"
    return str(answer.json()["id"])


def decided(client: TestClient, report: str, **fields: Any) -> Any:
    return client.post(f"/api/v1/detections/reports/{report}/decision", json=fields, headers=BEARER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("station", "Radio Eins!"), ("station", "x" * 41), ("at", "2026-05-01T11:30:07"), ("at", "yesterday"),
        ("at", "2026-05-01T13:00:00Z"), ("label", "jingle"), ("comment", "x" * 501), ("spot_id", ""),
    ],
)  # fmt: skip
def test_a_bad_report_is_refused_and_its_field_named(client: TestClient, field: str, value: str) -> None:
    answer = client.post("/api/v1/detections/reports", json=SAID | {field: value})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["fields"]] == [field]


def test_anybody_may_report_and_only_the_token_reads_and_decides(client: TestClient) -> None:
    report = sent(client, comment="das war der Wetterbericht")
    assert client.get("/api/v1/detections/reports").status_code == 401
    refused = client.post(f"/api/v1/detections/reports/{report}/decision", json={"decision": "rejected"})
    assert refused.status_code == 401
    (listed,) = client.get("/api/v1/detections/reports?state=open", headers=BEARER).json()
    assert listed["id"] == report
    assert listed["comment"] == "das war der Wetterbericht"
    assert listed["at"] == "2026-05-01T11:30:07.000Z"


def test_pages_of_reports_the_newest_first(client: TestClient) -> None:
    reports = [sent(client) for _ in range(5)]
    answer = client.get("/api/v1/detections/reports?limit=2&offset=1", headers=BEARER)
    assert [each["id"] for each in answer.json()] == [reports[3], reports[2]]
    assert answer.headers["X-Total-Count"] == "5"


def test_an_accepted_report_becomes_a_correction_with_its_provenance(client: TestClient, paths: Paths) -> None:
    name = keep(paths)
    report = sent(client)
    answer = decided(
        client, report, decision="accepted", start_at="2026-05-01T11:30:00Z", end_at="2026-05-01T11:30:20.5Z",
        label="ad", spot_id="grill-a",
    )  # fmt: skip
    assert answer.json() == {"id": report, "state": "accepted", "recording": name, "correction": report}
    (correction,) = read_corrections(labels_folder(paths))
    assert (correction.recording, correction.report_id, correction.at) == (name, report, NOW)
    (stretch,) = correction.segments
    assert (stretch.start_s, stretch.end_s, stretch.label, stretch.spot_id) == (1800.0, 1820.5, "ad", "grill-a")


def test_a_report_is_decided_once(client: TestClient, paths: Paths) -> None:
    report = sent(client)
    assert decided(client, report, decision="rejected", reason="it was a jingle").status_code == 200
    again = decided(client, report, decision="accepted", start_at="2026-05-01T11:30:00Z", end_at="2026-05-01T11:31:00Z")
    assert again.status_code == 409
    assert read_corrections(labels_folder(paths)) == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "decision"),
        ({"decision": "perhaps"}, "decision"),
        ({"decision": "accepted"}, "start_at"),
        ({"decision": "accepted", "start_at": "2026-05-01T11:30:00Z"}, "end_at"),
        ({"decision": "accepted", "start_at": "2026-05-01T11:30:00Z", "end_at": "2026-05-01T11:29:00Z"}, "body"),
        ({"decision": "accepted", "start_at": "2026-05-01T09:00:00Z", "end_at": "2026-05-01T11:29:00Z"}, "body"),
    ],
)
def test_a_decision_that_cannot_be_carried_out_is_refused(
    client: TestClient, fields: dict[str, str], named: str
) -> None:
    report = sent(client)
    answer = decided(client, report, **fields)
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == named
    assert len(client.get("/api/v1/detections/reports?state=open", headers=BEARER).json()) == 1


def test_what_was_decided_long_ago_is_forgotten_with_the_next_decision(client: TestClient, paths: Paths) -> None:
    """PRV-4"""
    old, new = sent(client), sent(client)
    reports = Reports(reports_file(paths))
    assert reports.decide(old, "rejected", NOW - timedelta(days=91), "")
    reports.close()
    assert decided(client, new, decision="rejected").status_code == 200
    assert [each["id"] for each in client.get("/api/v1/detections/reports", headers=BEARER).json()] == [new]


def test_an_unknown_report_is_not_found(client: TestClient) -> None:
    assert decided(client, "none", decision="rejected").status_code == 404


def test_thousands_of_reports_alone_change_nothing(client: TestClient, paths: Paths) -> None:
    """AD-6, sabotage: not the hotlist, not the labels, not what is learned from; whatever they say, and whoever mines."""
    keep(paths)
    bundle = served_detector(paths)
    chance_bundle().write(bundle)
    before = {file.name: file.read_bytes() for file in bundle.iterdir()}
    for number in range(20):
        sent(client, label=("ad", "talk", "music")[number % 3], spot_id="spot-9", at=f"2026-05-01T11:30:{number:02d}Z")
    reports = Reports(reports_file(paths))
    for number in range(3000):
        origin = "mining" if number % 2 else "listener"
        at = NOW - timedelta(seconds=number)
        reports.add(Report("radio-eins", at, "music", "spot-9", "!" * 500, origin, at + timedelta(seconds=30)), NOW)
    total, _ = reports.listed("open")
    reports.close()
    assert total == 3020
    assert {file.name: file.read_bytes() for file in bundle.iterdir()} == before
    assert not labels_folder(paths).exists()
    assert corrected(paths) is None


def test_listeners_cannot_bury_the_moderation_and_a_repetition_mined_twice_is_one(paths: Paths) -> None:
    reports = Reports(reports_file(paths), most_open=2)
    said = Report("radio-eins", NOW, "ad")
    first = reports.add(said, NOW)
    reports.add(said, NOW)
    with pytest.raises(TooManyReportsError):
        reports.add(said, NOW)
    mined = Report("radio-eins", NOW, "ad", origin="mining", end_at=NOW + timedelta(seconds=30), mark="abc")
    assert reports.add(mined, NOW) == reports.add(mined, NOW)
    assert reports.decide(first, "rejected", NOW, "")
    reports.add(said, NOW)
    assert reports.forget(NOW + timedelta(days=1)) == 1
    reports.close()
