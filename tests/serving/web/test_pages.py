"""The pages, rendered by the real app over a small catalogue (OPS-3: used by engineers, editors and the public)."""

import json
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from core.contracts.lake import QUARANTINE
from core.settings import Settings
from core.storage import write_text, written_aside

PAGES = ("/", "/next-video", "/cards", "/reports", "/experiments", "/quarantine")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_before_the_pipeline_has_run(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 200
    assert "<main" in reply.text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_names_an_address_outside_this_server(client: TestClient, path: str) -> None:
    text = client.get(path).text.replace("http://www.w3.org/2000/svg", "")
    assert "http://" not in text
    assert "https://" not in text
    assert 'src="//' not in text


def test_a_page_speaks_the_language_asked_for_and_remembers_it(client: TestClient) -> None:
    assert "Was gerade läuft" in client.get("/", headers={"accept-language": "de-DE,de;q=0.9"}).text
    assert "What is running" in client.get("/", headers={"accept-language": "en-GB"}).text
    assert "What is running" in client.get("/?language=en", headers={"accept-language": "de"}).text
    assert "What is running" in client.get("/", headers={"accept-language": "de"}).text  # from the cookie


def test_every_text_exists_in_both_languages() -> None:
    from serving.web.texts import texts

    for key, versions in texts().items():
        assert set(versions) == {"de", "en"}, f"{key}: add the missing language to serving/web/texts.yaml"
        assert all(versions.values()), f"{key}: a text is empty"


def test_search_finds_titles_by_their_words_and_describes_them(client: TestClient) -> None:
    found = client.get("/catalogue/search", params={"query": "serie-2 title", "language": "de"}).json()
    assert found == [
        {"content_id": "serie-2", "title": "Title of serie-2", "about": "Film und Serie · S01E02 · 90 min"}
    ]
    described = client.post("/catalogue/describe", json={"content_ids": ["film-1", "unknown"], "language": "en"}).json()
    assert described == {"film-1": {"content_id": "film-1", "title": "Title of film-1", "about": "fiction · 90 min"}}


def test_a_page_of_the_catalogue_is_never_offered_as_a_video(client: TestClient) -> None:
    assert client.get("/catalogue/search", params={"query": "page-1"}).json() == []


def quarantine(settings: Settings) -> None:
    rows = [
        {
            "quarantine_id": f"q{number}",
            "kind": "events",
            "file": "events/one.jsonl",
            "line": number,
            "reason": reason,
            "field": "mac",
            "message": "mac: is no MAC",
            "raw": '{"mac": "<mac>"} <script>alert(1)</script>',
            "quarantined_at": datetime(2026, 5, 1),
            "batch_id": 1,
        }
        for number, reason in enumerate(["bad_mac"] * 3 + ["not_json"])
    ]
    with written_aside(settings.paths.quarantine / "1.parquet") as aside:
        pq.write_table(pa.Table.from_pylist(rows, schema=QUARANTINE), aside)


def test_counts_are_for_everybody_and_lines_for_those_with_the_token(client: TestClient, settings: Settings) -> None:
    """LOG-4, PRV-1: what was refused can be seen, by reason; single lines come from devices."""
    quarantine(settings)
    public = client.get("/quarantine").text
    assert "bad_mac" in public
    assert "one.jsonl" not in public
    assert client.post("/quarantine", data={"token": "wrong"}).status_code == 403
    client.post("/quarantine", data={"token": str(settings.token)})
    private = client.get("/quarantine?reason=bad_mac").text
    assert private.count("events/one.jsonl:") == 3
    assert "<script>alert" not in private  # text from outside is never markup


def test_signing_in_leads_nowhere_else_and_keeps_the_token_from_scripts(client: TestClient, settings: Settings) -> None:
    reply = client.post("/quarantine", data={"token": str(settings.token)}, follow_redirects=False)
    assert reply.headers["location"] == "/quarantine"
    assert "HttpOnly" in reply.headers["set-cookie"]
    assert "SameSite=strict" in reply.headers["set-cookie"]


def test_reports_are_shown_newest_first_and_nothing_else_can_be_read(client: TestClient, settings: Settings) -> None:
    for run in ("2026-05-01T000000Z", "2026-05-02T000000Z"):
        write_text(settings.paths.reports / "drift" / run / "report.html", f"<p>drift of {run}</p>")
    page = client.get("/reports?kind=drift").text
    assert 'src="/reports/drift/2026-05-02T000000Z/report.html"' in page
    assert "drift of 2026-05-01" in client.get("/reports/drift/2026-05-01T000000Z/report.html").text
    for path in (
        "/reports/drift/..%2f..%2f/keys",
        "/reports/drift/%2e%2e/report.html",
        "/reports/secret/x/report.html",
    ):
        assert client.get(path).status_code == 404


def test_cards_are_listed_with_their_versions_and_changes(client: TestClient, settings: Settings) -> None:
    """MC-1: cards are for developers, editors and the public; their history is kept."""
    for version in ("2026-05-01.9", "2026-05-01.10"):
        write_text(settings.paths.cards / "next-video" / version / "card.de.html", f"<h1>Karte {version}</h1>")
    write_text(settings.paths.cards / "next-video" / "2026-05-01.10" / "changes.de.html", "<p>neu</p>")
    page = client.get("/cards/next-video", headers={"accept-language": "de"}).text
    assert 'src="/cards/next-video/2026-05-01.10/card.de.html"' in page
    assert "show=changes" in page
    assert "Karte 2026-05-01.9" in client.get("/cards/next-video/2026-05-01.9/card.de.html").text
    assert client.get("/cards/next-video?version=1999-01-01.1").status_code == 404
    assert client.get("/cards/unknown").status_code == 404


def test_the_start_page_links_to_what_runs_beside_it(client: TestClient, settings: Settings) -> None:
    addresses = {"airflow": "http://127.0.0.1:8080", "mlflow": "http://127.0.0.1:5000"}
    write_text(settings.home / "addresses.json", json.dumps(addresses))
    page = client.get("/").text
    assert 'href="http://127.0.0.1:8080"' in page
    assert 'href="http://127.0.0.1:5000"' in page


def test_the_libraries_are_bundled_with_their_licences() -> None:
    vendor = Path("serving/web/static/vendor")
    for name in ("d3.min.js", "plot.umd.min.js", "d3.LICENSE.txt", "plot.LICENSE.txt"):
        assert (vendor / name).is_file(), "run `make setup`: the pages' libraries are not bundled"
