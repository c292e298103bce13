"""The route as the contract has it, asked over HTTP."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

AT = "2026-04-30T12:00:00Z"
ORDINARY = {"current": "film-1", "device_class": "tv"}
ROUTE = "/api/v1/next-video"


def ask(client: TestClient, **fields: Any) -> dict[str, Any]:
    response = client.post(ROUTE, json=ORDINARY | fields)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def shown(answer: dict[str, Any]) -> list[str]:
    return [item["content_id"] for item in answer["items"]]


def test_next_episode_needs_no_model_and_comes_alone(asked: TestClient) -> None:
    """NV-1"""
    assert ask(asked, current="serie-1", unit=None) == {
        "case": "next-episode",
        "reason": None,
        "items": [{"content_id": "serie-2", "score": 1.0, "source": "next-episode"}],
        "experiment": None,
        "model": None,
    }


def test_regular_answer_names_model_and_sources(asked: TestClient) -> None:
    """NV-2, NV-T4: without a history nothing comes from the sequence model."""
    answer = ask(asked)
    assert answer["case"] == "regular"
    assert answer["model"] == {"name": "next_video", "version": "1"}
    assert set(shown(answer)) == {"film-2", "film-3", "film-4", "film-5", "serie-1", "news-1"}
    assert {item["source"] for item in answer["items"]} == {"similarity"}
    scores = [item["score"] for item in answer["items"]]
    assert scores == sorted(scores, reverse=True)


def test_a_history_brings_the_sequence_model_in_and_drops_what_was_seen(asked: TestClient) -> None:
    """NV-U1, NV-T4, NV-P1"""
    views = [{"content_id": "film-2", "watched_s": 31, "at": AT}, {"content_id": "film-3", "watched_s": 30, "at": AT}]
    answer = ask(asked, history={"views": views})
    assert "film-2" not in shown(answer)
    assert "film-3" in shown(answer)
    assert "sequence" in {item["source"] for item in answer["items"]}


def test_news_is_hidden_with_its_reason(asked: TestClient) -> None:
    """NV-H2"""
    answer = ask(asked, current="news-1")
    assert (answer["case"], answer["reason"], answer["items"]) == ("hidden", "NV-H2", [])


@pytest.mark.parametrize("current", ["gone", "announced"])
def test_a_current_that_is_not_on_offer_is_answered(asked: TestClient, current: str) -> None:
    assert ask(asked, current=current)["case"] == "regular"


@pytest.mark.parametrize("current", ["nobody-knows", "page-1", ""])
def test_an_unknown_current_or_a_page_is_404(asked: TestClient, current: str) -> None:
    response = asked.post(ROUTE, json=ORDINARY | {"current": current})
    assert response.status_code == 404
    assert response.json()["error"] == "not_found"


def test_explain_names_the_rule_of_every_candidate_dropped(asked: TestClient) -> None:
    views = [{"content_id": "film-2", "watched_s": 31, "at": AT}]
    answer = asked.post(f"{ROUTE}?explain=true", json=ORDINARY | {"history": {"views": views}}).json()
    dropped = {each["content_id"]: (each["rule"], each.get("replaced_by")) for each in answer["dropped"]}
    assert dropped == {
        "film-1": ("NV-C1", None),
        "gone": ("NV-C1", None),
        "announced": ("NV-C1", None),
        "film-2": ("NV-P1", None),
        "serie-2": ("NV-R4", "serie-1"),
    }
    assert "dropped" not in ask(asked)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_no_more_items_than_asked_for(asked: TestClient, limit: int) -> None:
    assert len(ask(asked, limit=limit)["items"]) == min(limit, 6)


def test_the_same_request_has_the_same_answer(asked: TestClient) -> None:
    request = {"unit": "somebody", "history": {"clicks": [{"content_id": "film-4", "at": AT}]}}
    assert ask(asked, **request) == ask(asked, **request)


@pytest.mark.parametrize(
    "fields",
    [
        {"history": None},
        {"history": {}},
        {"history": {"views": [], "clicks": None, "bookmarks": []}},
        {"history": {"views": [{"content_id": "nobody-knows", "watched_s": 99, "at": AT}]}},
        {"user": None, "unit": None},
        {"something": "else", "history": {"more": 1}},
        {"history": {"views": [{"content_id": "film-2", "watched_s": 1, "at": "2026-05-01T14:00:00+02:00", "x": 1}]}},
        {"history": {"views": [{"content_id": "film-2", "watched_s": 9, "at": "0001-01-01T00:00:00+14:00"}] * 2}},
    ],
)
def test_what_is_optional_may_be_missing_null_empty_or_unknown(asked: TestClient, fields: dict[str, Any]) -> None:
    assert ask(asked, **fields)["case"] == "regular"


VIEW = {"content_id": "film-2", "watched_s": 40, "at": AT}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "10"}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": None}, "limit"),
        ({"limit": 10**400}, "limit"),
        ({"device_class": "radio"}, "device_class"),
        ({"current": 7}, "current"),
        ({"user": 7}, "user"),
        ({"unit": []}, "unit"),
        ({"history": []}, "history"),
        ({"history": {"views": {}}}, "history.views"),
        ({"history": {"views": [VIEW, {}]}}, "history.views.1.content_id"),
        ({"history": {"views": [VIEW | {"watched_s": -1}]}}, "history.views.0.watched_s"),
        ({"history": {"views": [VIEW | {"watched_s": float("nan")}]}}, "history.views.0.watched_s"),
        ({"history": {"views": [VIEW | {"watched_s": float("inf")}]}}, "history.views.0.watched_s"),
        ({"history": {"views": [VIEW | {"watched_s": "40"}]}}, "history.views.0.watched_s"),
        ({"history": {"views": [VIEW | {"at": "2026-04-30T12:00:00"}]}}, "history.views.0.at"),
        ({"history": {"views": [VIEW | {"at": 1777550400}]}}, "history.views.0.at"),
        ({"history": {"clicks": [{"content_id": "film-2", "at": "soon"}]}}, "history.clicks.0.at"),
        ({"history": {"bookmarks": [1]}}, "history.bookmarks.0"),
    ],
)
def test_a_wrong_field_is_422_and_named(asked: TestClient, fields: dict[str, Any], named: str) -> None:
    response = asked.post(ROUTE, content=json.dumps(ORDINARY | fields))
    assert response.status_code == 422
    assert named in [each["field"] for each in response.json()["fields"]]


@pytest.mark.parametrize("missing", ["current", "device_class"])
def test_a_missing_field_is_422_and_named(asked: TestClient, missing: str) -> None:
    response = asked.post(ROUTE, json={key: value for key, value in ORDINARY.items() if key != missing})
    assert response.status_code == 422
    assert [each["field"] for each in response.json()["fields"]] == [missing]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"film-1"',
        b"{",
        b"\xff\xfe{}",
        b'{"current": "\\ud800", "device_class": "tv"}',
        b'{"current": "\xed\xa0\x80", "device_class": "tv"}',
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b'{"current": "film-1", "device_class": "tv", "limit": ' + b"9" * 6000 + b"}",
    ],
)
def test_a_body_that_is_no_object_is_422(asked: TestClient, body: bytes) -> None:
    response = asked.post(ROUTE, content=body)
    assert response.status_code == 422
    assert response.json()["fields"]
    assert "Traceback" not in response.text


def test_too_large_a_body_is_413_whether_it_says_so_or_not(asked: TestClient) -> None:
    assert asked.post(ROUTE, content=b" " * (256 * 1024 + 1)).status_code == 413
    assert asked.post(ROUTE, content=(b" " * 1024 for _ in range(257))).status_code == 413


def test_explain_must_be_a_boolean(asked: TestClient) -> None:
    response = asked.post(f"{ROUTE}?explain=perhaps", json=ORDINARY)
    assert response.status_code == 422
    assert response.json()["fields"][0]["field"] == "explain"


def test_the_request_is_published_in_openapi(asked: TestClient) -> None:
    route = asked.get("/openapi.json").json()["paths"][ROUTE]["post"]
    schema = route["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["required"]) == {"current", "device_class"}
    assert schema["properties"]["limit"]["maximum"] == 100
    assert {"200", "404", "413", "422"} <= set(route["responses"])
