"""What changes behind the server's back: catalogues, champions, broken files (NV-T5, NV-C1)."""

import json
import threading
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi.testclient import TestClient

from core import erasure_journal
from core.contracts.lake import QUARANTINE
from serving.registry import Champion

ORDINARY = {"current": "film-1", "device_class": "tv"}


def ask(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/api/v1/next-video", json=ORDINARY | fields).json()
    return answer


def version(client: TestClient) -> Any:
    return ask(client)["model"]["version"]


def test_a_new_champion_is_served_without_a_restart(world: Any) -> None:
    """NV-T5"""
    with world.running() as client:
        assert version(client) == "1"
        world.promote("2", world.bundle("2"))
        world.until(lambda: version(client) == "2")
        assert 'mediathek_model_info{version="2"} 1.0' in client.get("/metrics").text


def test_requests_are_answered_by_the_last_champion_while_a_new_one_loads(world: Any) -> None:
    """NV-T5: however long it takes."""
    loading, may_go_on = threading.Event(), threading.Event()
    with world.running() as client:
        folder = world.bundle("2")

        def slow() -> Champion:
            loading.set()
            may_go_on.wait()
            return Champion("2", folder)

        world.champions.latest = slow
        assert loading.wait(10)
        assert [version(client) for _ in range(20)] == ["1"] * 20
        may_go_on.set()
        world.until(lambda: version(client) == "2")


def test_a_truncated_champion_leaves_the_last_good_one_in_place_and_is_told(world: Any) -> None:
    with world.running() as client:
        before = ask(client)
        folder = world.bundle("2")
        array = folder / "all" / "factors.npy"
        array.write_bytes(array.read_bytes()[:-100])
        world.promote("2", folder)
        world.until(lambda: client.get("/readyz").json()["model"]["error"] is not None)
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["model"]["version"] == "1"
        assert "champion 2 does not load" in ready.json()["model"]["error"]
        assert "mediathek_model_load_failures_total 1.0" in client.get("/metrics").text
        assert ask(client) == before
        world.promote("3", world.bundle("3"))
        world.until(lambda: version(client) == "3")
        assert client.get("/readyz").json()["model"]["error"] is None


def test_a_start_with_a_broken_champion_serves_the_one_before(world: Any) -> None:
    folder = world.bundle("2")
    (folder / "manifest.json").unlink()
    world.promote("2", folder)
    with world.running() as client:
        ready = client.get("/readyz").json()
        assert ready["model"]["version"] == "1"
        assert "champion 2 does not load" in ready["model"]["error"]


def test_a_changed_catalogue_is_taken_up_and_a_broken_one_is_not(world: Any) -> None:
    with world.running() as client:
        assert client.post("/api/v1/next-video", json=ORDINARY | {"current": "new"}).status_code == 404
        world.write_catalogue([*world.rows, world.video("new")])
        world.until(lambda: client.post("/api/v1/next-video", json=ORDINARY | {"current": "new"}).status_code == 200)
        world.settings.paths.catalogue.write_bytes(b"no Parquet at all")
        world.until(lambda: client.get("/readyz").json()["catalogue"]["error"] is not None)
        assert client.get("/readyz").status_code == 200
        assert ask(client, current="new")["case"] == "regular"


def test_an_erasure_that_was_broken_off_is_told_until_it_is_finished(world: Any) -> None:
    """PRV-3: serving goes on; who looks after it learns what to do, and not whose device it is."""
    paths = world.settings.paths
    with world.client() as client:
        assert client.get("/readyz").json()["erasure"] == {"state": "none"}
        erasure_journal.write(paths, erasure_journal.Erasure(["d_secret"], "2026-05-01T10:00:00Z", "", done=["lake"]))
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["erasure"]["left"] == ["households", "ads", "warehouse", "features", "rest"]
        assert "mediathek privacy erase --resume" in ready.json()["erasure"]["error"]
        assert "d_secret" not in ready.text
        assert "mediathek_erasure_unfinished 1.0" in client.get("/metrics").text
        erasure_journal.close(paths)
        assert "mediathek_erasure_unfinished 0.0" in client.get("/metrics").text


def test_without_a_model_next_episodes_are_served_and_the_rest_is_hidden(world: Any) -> None:
    """NV-1 needs no training; NV-H1 without a model."""
    world.champions.champion = None
    with world.client() as client:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["missing"] == ["model: no champion yet; run `mediathek pipeline`"]
        assert ask(client, current="serie-1")["items"][0]["content_id"] == "serie-2"
        hidden = ask(client)
        assert (hidden["case"], hidden["reason"], hidden["model"]) == ("hidden", "NV-H1", None)


def test_without_a_catalogue_the_answer_is_503_in_the_uniform_form(world: Any) -> None:
    world.settings.paths.catalogue.unlink()
    with world.client() as client:
        response = client.post("/api/v1/next-video", json=ORDINARY)
        assert response.status_code == 503
        assert response.json()["error"] == "not_ready"
        assert "mediathek ingest" in response.json()["message"]


def test_hidden_answers_are_counted_by_reason(world: Any) -> None:
    with world.running() as client:
        ask(client, current="news-1")
        ask(client, current="news-1")
        text = client.get("/metrics").text
    assert 'mediathek_next_video_hidden_total{reason="NV-H2"} 2.0' in text
    assert 'mediathek_requests_total{method="POST",route="/api/v1/next-video",status="200"} 2.0' in text
    assert "mediathek_catalogue_age_seconds" in text


def test_quarantined_lines_need_the_token(world: Any) -> None:
    """LOG-4: counted by reason, paged."""
    row = {
        "quarantine_id": "q1",
        "kind": "events",
        "file": "events/a.jsonl",
        "line": 7,
        "reason": "not_json",
        "field": None,
        "message": "no JSON; write one object a line",
        "raw": "{<mac>",
        "quarantined_at": datetime(2026, 5, 1),
        "batch_id": 1,
    }
    world.settings.paths.quarantine.mkdir(parents=True)
    rows = [row, row | {"quarantine_id": "q2", "line": 8, "reason": "missing_field"}]
    pq.write_table(pa.Table.from_pylist(rows, schema=QUARANTINE), world.settings.paths.quarantine / "1.parquet")
    with world.client() as client:
        assert client.get("/api/v1/quarantine").status_code == 401
        assert client.get("/api/v1/quarantine", headers={"authorization": "Bearer wrong"}).status_code == 401
        right = {"authorization": f"Bearer {world.token}"}
        page = client.get("/api/v1/quarantine?limit=1", headers=right).json()
        assert {count["reason"]: count["row_count"] for count in page["counts"]} == {"not_json": 1, "missing_field": 1}
        assert [each["line"] for each in page["rows"]] == [7]
        one = client.get("/api/v1/quarantine?reason=missing_field", headers=right).json()
        assert [each["quarantine_id"] for each in one["rows"]] == ["q2"]
        assert client.get("/api/v1/quarantine?limit=0", headers=right).status_code == 422


def test_cards_reports_and_experiments_are_read_from_files(world: Any) -> None:
    """MC-1, NV-M1, NV-M2"""
    paths = world.settings.paths
    for card_version in ("2026-05-01.2", "2026-05-01.10", "2026-04-30.1"):
        folder = paths.cards / "next-video" / card_version
        folder.mkdir(parents=True)
        for language in ("de", "en"):
            (folder / f"card.{language}.json").write_text(json.dumps({"title": f"{language} {card_version}"}))
    for run in ("2026-05-01T100000Z", "2026-05-01T120000Z"):
        paths.report("bias", datetime.fromisoformat("2026-05-01T00:00:00Z")).parent.joinpath(run).mkdir(parents=True)
        paths.reports.joinpath("bias", run, "report.json").write_text(json.dumps({"run": run}))
    with world.client() as client:
        cards = client.get("/api/v1/model-cards").json()
        assert [(card["use_case"], card["version"]) for card in cards] == [("next-video", "2026-05-01.10")]
        assert client.get("/api/v1/model-cards/next-video?language=en").json()["title"] == "en 2026-05-01.10"
        old = client.get("/api/v1/model-cards/next-video?version=2026-04-30.1").json()
        assert old["title"] == "de 2026-04-30.1"
        history = client.get("/api/v1/model-cards/next-video/history").json()
        assert [each["version"] for each in history] == ["2026-05-01.10", "2026-05-01.2", "2026-04-30.1"]
        assert client.get("/api/v1/model-cards/next-video?version=..").status_code == 404
        assert client.get("/api/v1/model-cards/nothing").status_code == 404
        assert client.get("/api/v1/model-cards/next-video?language=fr").status_code == 422
        assert client.get("/api/v1/monitoring/bias").json() == {"run": "2026-05-01T120000Z"}
        assert client.get("/api/v1/monitoring/drift").status_code == 404
        assert client.get("/api/v1/monitoring/quality").status_code == 404
        assert client.get("/api/v1/experiments/unknown/readout").status_code == 404
        assert isinstance(client.get("/api/v1/experiments").json(), list)
