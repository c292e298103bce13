"""Editors' work list of series metadata: API, page, CSV, and corrections that answers follow (NV-K1, NV-1)."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest


@pytest.fixture
def damaged(world: Any) -> Any:
    """A series whose second episode has lost its number and says it in the title, and a doubled number elsewhere."""

    def episode(series: str, number: int | None, place: int, title: str) -> Any:
        return world.video(
            f"{series}-{place}", series_id=series, season=1, episode=number, title=title,
            published_at=datetime(2026, 3, place),
        )  # fmt: skip

    rows = [episode("alpha", None if place == 2 else place, place, f"Folge {place}") for place in range(1, 5)]
    rows += [episode("beta", number, place, "=Spur") for place, number in enumerate((1, 2, 2, 4, 5, 6), start=1)]
    world.write_catalogue([*world.rows, *rows])
    return world


def ask(client: Any, current: str) -> Any:
    return client.post("/api/v1/next-video", json={"current": current, "device_class": "tv"}).json()


def bearer(world: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.token}"}


def test_a_number_that_only_the_title_tells_is_the_next_episode(damaged: Any) -> None:
    with damaged.running() as client:
        answer = ask(client, "alpha-1")
        assert (answer["case"], answer["items"][0]["content_id"]) == ("next-episode", "alpha-2")


def test_the_work_list_names_finding_and_suggestion(damaged: Any) -> None:
    with damaged.running() as client:
        found = client.get("/api/v1/series/findings", params={"language": "de"}).json()
        by_code = {each["code"]: each for each in found["findings"]}
        assert by_code["missing_number"]["content_id"] == "alpha-2"
        assert by_code["missing_number"]["suggested_episode"] == 2
        assert by_code["duplicate"]["suggested_episode"] == 3
        assert "S01E02" in by_code["duplicate"]["text"]
        only = client.get("/api/v1/series/findings", params={"code": "gap"}).json()["findings"]
        assert {each["code"] for each in only} == {"gap"}


def test_the_work_list_as_csv_opens_in_a_spreadsheet_without_running_anything(damaged: Any) -> None:
    with damaged.running() as client:
        rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/series/findings.csv").text)))
        assert {row["title"] for row in rows if row["series_id"] == "beta"} == {"'=Spur"}


def test_a_correction_changes_the_answer_and_lapses_when_the_source_changes(damaged: Any) -> None:
    with damaged.running() as client:
        assert ask(client, "beta-4")["items"][0]["content_id"] == "beta-5"
        body = {"content_id": "beta-3", "season": 1, "episode": 3}
        assert client.post("/api/v1/series/corrections", json=body, headers=bearer(damaged)).status_code == 201
        damaged.until(lambda: ask(client, "beta-2")["items"][0]["content_id"] == "beta-3")
        mended = [
            {**row, "episode": 9} if row["content_id"] == "beta-3" else row
            for row in client.app.state.catalogue.catalogue.table.to_pylist()
        ]
        damaged.write_catalogue(mended)
        damaged.until(lambda: ask(client, "beta-2")["items"][0]["content_id"] == "beta-4")


def test_a_correction_needs_the_token_and_a_video_of_a_series(damaged: Any) -> None:
    with damaged.running() as client:
        body = {"content_id": "beta-3", "season": 1, "episode": 3}
        assert client.post("/api/v1/series/corrections", json=body).status_code == 401
        for content_id in ("film-1", "nobody"):
            refused = client.post(
                "/api/v1/series/corrections", json={**body, "content_id": content_id}, headers=bearer(damaged)
            )
            assert refused.status_code == 404
        bad = client.post("/api/v1/series/corrections", json={**body, "episode": -1}, headers=bearer(damaged))
        assert bad.status_code == 422
        assert "episode" in bad.text


def test_the_page_lists_findings_and_takes_a_suggestion_over(damaged: Any) -> None:
    with damaged.running() as client:
        page = client.get("/series", params={"language": "en"})
        assert page.status_code == 200
        assert "The number is missing" in page.text
        assert "Accept</button>" not in page.text
        refused = client.post("/series", data={"content_id": "beta-3", "season": "1", "episode": "3"})
        assert refused.status_code == 403
        client.post("/series/sign-in", data={"token": damaged.token}, follow_redirects=False)
        client.cookies.set("mediathek_token", damaged.token)
        assert "Accept</button>" in client.get("/series").text
        client.post("/series", data={"content_id": "beta-3", "season": "1", "episode": "3"})
        damaged.until(lambda: ask(client, "beta-2")["items"][0]["content_id"] == "beta-3")
        wrong = client.post("/series", data={"content_id": "beta-3", "season": "1", "episode": "three"})
        assert wrong.status_code == 422
        assert "whole number" in wrong.text
