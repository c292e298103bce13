"""``/api/v1/households``: what is answered, to whom, and what is refused (HH-3, HH-4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.serving.conftest import TOKEN, World, settings_at
from tests.serving.households import a_city
from tests.serving.households.a_city import append, join, sighting, step

BEARER = {"Authorization": f"Bearer {TOKEN}"}
GRAPH = "/api/v1/households/graph"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One running app over the small city, for tests that only ask."""
    world = World(settings_at(tmp_path_factory.mktemp("home")))
    a_city.write_city(world.settings.paths)
    with world.running() as running:
        yield running


def graph(client: TestClient, **filters: Any) -> dict[str, Any]:
    reply = client.get(GRAPH, headers=BEARER, params=filters)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def ids(answer: dict[str, Any], kind: str) -> list[str]:
    return sorted(node["id"] for node in answer["nodes"] if node["kind"] == kind)


@pytest.mark.parametrize("path", [GRAPH, "/api/v1/households/hh-a", "/households/data/hh-a"])
def test_device_level_data_needs_the_token(asked: TestClient, path: str) -> None:
    assert asked.get(path).status_code == 401
    assert asked.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert asked.get(path, headers=BEARER).status_code == 200


def test_nothing_is_read_before_somebody_asks(world: World) -> None:
    a_city.write_city(world.settings.paths)
    with world.running() as client:
        asked_for = client.app.state.household_graph  # type: ignore[attr-defined]
        assert not asked_for.is_started
        graph(client)
        assert asked_for.is_started


def test_the_graph_has_the_contracts_shape(asked: TestClient) -> None:
    answer = graph(asked)
    assert {node["kind"] for node in answer["nodes"]} == {"household", "device", "address", "content"}
    known = {node["id"] for node in answer["nodes"]}
    for link in answer["links"]:
        assert {link["source"], link["target"]} <= known
        assert 0 <= link["weight"] <= 1
    assert answer["is_complete"] is True


def test_filters_leave_what_they_name(asked: TestClient) -> None:
    assert ids(graph(asked, device_class="tablet"), "device") == ["d_tablet"]
    assert ids(graph(asked, device_class="tablet"), "household") == ["hh-a", "hh-b"], "linked with it"
    one = graph(asked, household="hh-c")
    assert ids(one, "household") == ["hh-c"]
    assert ids(one, "device") == ["d_radio"]
    early = graph(asked, **{"from": "2026-04-11T00:00:00Z", "until": "2026-04-12T00:00:00Z"})
    assert ("d_moved", "hh-b") not in {(link["source"], link["target"]) for link in early["links"]}
    assert {link["kind"] for link in graph(asked, min_weight=0.95)["links"]} == {"lease"}


def test_a_limit_cuts_between_households_and_says_so(asked: TestClient) -> None:
    answer = graph(asked, limit=4)
    assert len(answer["nodes"]) == 4
    assert answer["is_complete"] is False
    assert answer["counts"]["device"] == 6
    assert answer["nodes"][0]["kind"] == "household"


@pytest.mark.parametrize(
    ("field", "value"),
    [("device_class", "radio"), ("min_weight", "2"), ("limit", "0"), ("from", "yesterday"), ("limit", "many")],
)
def test_a_wrong_filter_is_named(asked: TestClient, field: str, value: str) -> None:
    reply = asked.get(GRAPH, headers=BEARER, params={field: value})
    assert reply.status_code == 422
    assert reply.json()["fields"][0]["field"] == field


@pytest.mark.parametrize("path", [GRAPH + "?household=hh-none", "/api/v1/households/hh-none", "/api/v1/households/%20"])
def test_an_unknown_household_is_404(asked: TestClient, path: str) -> None:
    assert asked.get(path, headers=BEARER).status_code == 404


def test_a_household_is_told_in_full_and_in_both_languages(asked: TestClient) -> None:
    """HH-4: who lives there and why, whom it visits, what it shares; confidence and times with every device."""
    told = asked.get("/api/v1/households/hh-a", headers=BEARER).json()
    television = next(device for device in told["devices"] if device["device_key"] == "d_tv")
    assert television["confidence"] == 0.9
    assert television["until_at"] is None
    assert television["why"]["de"] == (
        "Seit 10.04.2026 hier, Sicherheit 90 %: dieser Fernseher war mit den anderen zugleich an einer Adresse; "
        "an 20 Tagen und in 18 Nächten hier gesehen, unter 19 Adressen des Haushalts; an 17 Tagen zugleich mit d_phone; "
        "an 3 Tagen anderswo."
    )
    assert "seen here on 20 days and in 18 nights" in television["why"]["en"]
    phone = next(device for device in told["devices"] if device["device_key"] == "d_phone")
    assert "a guest of another household on 3 days" in phone["why"]["en"]
    assert "bis 15.04.2026" in next(d for d in told["devices"] if d["device_key"] == "d_moved")["why"]["de"]
    assert told["links"][0]["household_id"] == "hh-b"
    assert told["links"][0]["why"]["de"] == (
        "Besuche an 3 Tagen, zuletzt am 26.04.2026; gemeinsam gesehen: 2,5-mal so viel, wie der Zufall gäbe (1,4 bis 4,5)."
    )
    assert [address["address_key"] for address in told["addresses"]] == ["a_a"]
    assert {content["title"] for content in told["content"]} == {"Title of film-1", "Title of film-2"}
    assert told["changes"][0]["text"]["en"] == "d_moved joined"


def test_doubt_is_said(asked: TestClient) -> None:
    told = asked.get("/api/v1/households/hh-b", headers=BEARER).json()
    assert told["is_separable"] is False
    assert "cannot be told apart" in told["why"]["en"]


def test_what_the_feed_tells_is_answered_at_once(world: World) -> None:
    """HH-1: in real time; the artefacts come later."""
    a_city.write_city(world.settings.paths)
    with world.running() as client:
        graph(client)
        append(world.settings.paths, step(1, [join("phone", "c", "a")], [sighting("phone")]))
        answer = graph(client, household="hh-c")
        assert ids(answer, "device") == ["d_phone", "d_radio"]
        told = client.get("/api/v1/households/hh-c", headers=BEARER).json()
        assert told["changes"][0]["device_key"] == "d_phone"
        assert {device["device_key"] for device in told["devices"]} == {"d_phone", "d_radio"}


def test_a_damaged_artefact_is_left_out_and_the_rest_is_told(world: World) -> None:
    a_city.write_city(world.settings.paths)
    for file in (world.settings.paths.household_links, world.settings.paths.export("fct_playbacks")):
        file.write_bytes(b"no parquet")
    with world.running() as client:
        told = client.get("/api/v1/households/hh-a", headers=BEARER).json()
        assert told["links"] == told["content"] == []
        assert [device["device_key"] for device in told["devices"]] == ["d_phone", "d_tv", "d_moved"]


def test_a_household_is_told_what_was_viewed_while_a_device_lived_there(asked: TestClient) -> None:
    """The one that moved on to b viewed its films there."""
    viewers = {
        home: asked.get(f"/api/v1/households/hh-{home}", headers=BEARER).json()["content"][0]["devices"]
        for home in "ab"
    }
    assert viewers == {"a": 2, "b": 3}


def test_without_artefacts_the_graph_is_empty(asked: TestClient, world: World) -> None:
    with world.running() as client:
        assert graph(client)["nodes"] == []
        assert client.get("/api/v1/households/hh-a", headers=BEARER).status_code == 404


def test_the_answer_stays_what_the_schema_says(asked: TestClient) -> None:
    schema = asked.get("/openapi.json").json()
    assert "/api/v1/households/graph" in schema["paths"]
    assert "nodes" in schema["components"]["schemas"]["HouseholdGraph"]["properties"]


def test_the_page_asks_for_the_token_and_keeps_it(world: World) -> None:
    with world.running() as client:
        assert "canvas" not in client.get("/households").text
        assert client.post("/households", data={"token": "wrong"}).status_code == 403
        page = client.post("/households", data={"token": TOKEN})
        assert 'id="city"' in page.text
        english = client.get("/households?language=en").text
        assert "Households, live" in english
