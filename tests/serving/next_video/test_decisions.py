"""Past answers computed again, bit for bit, and explained; snapshots kept as long as decisions (PRV-4)."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serving.next_video import snapshots

HISTORY = {
    "views": [
        {"content_id": "film-2", "watched_s": 900.25, "at": "2026-04-30T20:15:00.123+02:00"},
        {"content_id": "film-3", "watched_s": 400, "at": "2026-04-30T22:15:00Z"},
    ],
    "clicks": [],
    "bookmarks": ["serie"],
}


def bearer(world: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.token}"}


def ask(client: Any, current: str = "film-1", **fields: Any) -> str:
    """Ask and return the id of the decision."""
    body = {"current": current, "device_class": "tv", **fields}
    answer = client.post("/api/v1/next-video", json=body)
    assert answer.status_code == 200
    return str(answer.headers["x-decision-id"])


def look_up(world: Any, client: Any, decision_id: str) -> Any:
    def reply() -> Any:
        return client.get(f"/api/v1/decisions/{decision_id}", headers=bearer(world))

    world.until(lambda: reply().status_code == 200)  # records are written in the background
    return reply().json()


@pytest.mark.parametrize(
    ("current", "fields"),
    [
        ("film-1", {"history": HISTORY, "limit": 3}),
        ("film-1", {}),
        ("serie-1", {}),
        ("news-1", {}),
        ("film-1", {"history": {"clicks": [{"content_id": "film-4", "at": "2026-04-30T22:15:00Z"}]}}),
    ],
)
def test_a_past_answer_comes_out_again_to_the_last_bit(world: Any, current: str, fields: Any) -> None:
    with world.running() as client:
        found = look_up(world, client, ask(client, current, **fields))
        assert found["problem"] is None
        assert found["replay"]["is_identical"] is True
        assert found["record"]["current"] == current


def test_it_comes_out_again_although_catalogue_and_model_are_others_by_now(world: Any) -> None:
    with world.running() as client:
        decision_id = ask(client, history=HISTORY)
        before = look_up(world, client, decision_id)["record"]["items"]
        world.write_catalogue([row for row in world.rows if row["content_id"] != before[0]])
        world.promote("2", world.bundle("2"))
        world.until(lambda: client.get("/readyz").json()["model"]["version"] == "2")
        world.until(lambda: before[0] not in client.app.state.catalogue.catalogue.row_of)
        found = look_up(world, client, decision_id)
        assert found["replay"]["is_identical"] is True
        assert found["record"]["items"] == before


def test_each_item_says_what_spoke_for_it_in_both_languages(world: Any) -> None:
    with world.running() as client:
        found = look_up(world, client, ask(client, history=HISTORY))
        for item in found["replay"]["items"]:
            assert set(item["because"]) <= {"film-1", "film-2", "film-3"}
            for content_id in item["because"]:
                assert f"Title of {content_id}" in item["de"]
                assert f"Title of {content_id}" in item["en"]
        explained = client.post(
            "/api/v1/next-video?explain=true", json={"current": "serie-1", "device_class": "tv"}
        ).json()
        assert explained["items"][0]["why"]["de"] == "Das ist die nächste Folge der Serie, die gerade läuft."


def test_what_is_not_kept_is_said_and_nothing_fails(world: Any) -> None:
    with world.running() as client:
        assert client.get("/api/v1/decisions/nothing", headers=bearer(world)).status_code == 404
        assert client.get("/api/v1/decisions/nothing").status_code == 401
        decision_id = ask(client)
        look_up(world, client, decision_id)
        for each in world.settings.paths.snapshots.iterdir():
            for file in each.iterdir():
                file.unlink()
            each.rmdir()
        found = look_up(world, client, decision_id)
        assert found["replay"] is None
        assert "is not kept any more" in found["problem"]


def test_the_answer_itself_stays_the_same_for_the_same_request(world: Any) -> None:
    with world.running() as client:
        body = {"current": "film-1", "device_class": "tv", "unit": "u", "history": HISTORY}
        first, second = (client.post("/api/v1/next-video", json=body) for _ in range(2))
        assert first.json() == second.json()
        assert first.headers["x-decision-id"] != second.headers["x-decision-id"]


def test_snapshots_go_when_no_decision_made_from_them_is_kept(world: Any) -> None:
    folder, now = world.settings.paths.snapshots, datetime(2026, 5, 1, tzinfo=UTC)
    kept_days = world.settings.retention.decisions
    ages = {"a": kept_days + 50, "b": kept_days + 1, "c": kept_days - 1, "d": 0}
    digests = {}
    for name, days in ages.items():
        digests[name] = snapshots.keep(folder, {"catalogue.parquet": name.encode()})
        at = (now - timedelta(days=days)).timestamp()
        os.utime(folder / digests[name], (at, at))
    assert snapshots.drop_expired(world.settings, now) == 1  # b was still in use when the oldest kept decision was made
    assert sorted(each.name for each in folder.iterdir()) == sorted(digests[name] for name in "bcd")


def test_the_page_tells_an_answer_in_plain_words_to_those_who_have_the_token(world: Any) -> None:
    with world.running() as client:
        decision_id = ask(client, history=HISTORY)
        look_up(world, client, decision_id)
        assert "Title of" not in client.get("/decisions", params={"id": decision_id}).text
        client.cookies.set("mediathek_token", world.token)
        page = client.get("/decisions", params={"id": decision_id, "language": "en"})
        assert "the same answer comes out" in page.text
        assert "often watched after" in page.text or "watch this too" in page.text or "watched a lot" in page.text
        missing = client.get("/decisions", params={"id": "nothing", "language": "en"})
        assert missing.status_code == 404
        assert "No answer with this number" in missing.text
        hidden = ask(client, "news-1")
        look_up(world, client, hidden)
        assert "/nachrichten" in client.get("/decisions", params={"id": hidden}).text
