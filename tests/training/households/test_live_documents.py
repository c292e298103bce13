"""HH-3: one document a household, in SQLite or in a server that speaks MongoDB's protocol, by the same tests."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts.households import ASSIGNMENTS, LEASES, LINKS
from core.errors import StageError, UserError
from core.settings import load
from tests.training.households import document_server
from training.households.documents import Document, Documents, DocumentStore, build, open_store
from training.households.documents_embedded import EmbeddedDocuments

DAY = datetime(2026, 5, 1)
NUMBERS = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[document_server.Server]:
    try:
        with document_server.running(tmp_path_factory.mktemp("ferretdb")) as running:
            yield running
    except document_server.ServerMissingError as error:
        pytest.skip(f"no server that speaks MongoDB's protocol: {error}")


@pytest.fixture(params=["embedded", pytest.param("mongodb", marks=pytest.mark.slow)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], DocumentStore]]:
    """Open the store of the test; every call opens the same one anew."""
    where = "embedded"
    if request.param == "mongodb":
        where = request.getfixturevalue("server").address(f"test{next(NUMBERS)}")
    settings = load({"MEDIATHEK_HOME": str(tmp_path), "MEDIATHEK_LIVE_HOUSEHOLDS__DOCUMENT_STORE": where})
    stores: list[DocumentStore] = []

    def open_one() -> DocumentStore:
        store = open_store(settings)
        assert store is not None
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        store.close()


def document(household: str, *devices: str, digest: str = "1") -> Document:
    members = [{"device_key": device, "from": "2026-05-01T00:00:00Z", "until": None} for device in devices]
    return {"_id": household, "devices": members, "addresses": [], "links": [], "digest": digest}


def test_what_is_put_is_there_for_whoever_opens_the_store_next(opened: Callable[[], DocumentStore]) -> None:
    store = opened()
    assert (store.digests(), store.get("hh-a")) == ({}, None)
    store.put([document("hh-a", "d_1", "d_2"), document("hh-b", "d_3", digest="2")])
    again = opened()
    assert again.get("hh-a") == document("hh-a", "d_1", "d_2")
    assert again.digests() == {"hh-a": "1", "hh-b": "2"}


def test_a_document_is_replaced_whole_and_its_devices_with_it(opened: Callable[[], DocumentStore]) -> None:
    store = opened()
    store.put([document("hh-a", "d_1", "d_2"), document("hh-b", "d_3")])
    store.put([document("hh-a", "d_2", "d_3", digest="9")])
    assert store.of_device("d_1") == []
    assert [each["_id"] for each in store.of_device("d_3")] == ["hh-a", "hh-b"]
    assert store.digests()["hh-a"] == "9"


def test_removing_is_quiet_about_what_is_not_there(opened: Callable[[], DocumentStore]) -> None:
    store = opened()
    store.put([document("hh-a", "d_1"), document("hh-b", "d_2")])
    store.remove(["hh-a", "hh-never"])
    store.remove([])
    store.put([])
    assert (list(store.digests()), store.of_device("d_1")) == (["hh-b"], [])


def test_more_documents_than_are_sent_at_once_are_all_there(
    opened: Callable[[], DocumentStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.households.documents_mongodb._PORTION", 40)
    store = opened()
    store.put([document(f"hh-{number}", f"d_{number}") for number in range(130)])
    assert len(store.digests()) == 130
    store.remove([f"hh-{number}" for number in range(125)])
    assert len(store.digests()) == 5


def tables(homes: dict[str, str]) -> tuple[pa.Table, pa.Table]:
    """Assignments of devices to households, and one lease of each household."""
    assigned = [
        {"device_key": device, "household_id": home, "from_at": DAY, "until_at": None, "confidence": 0.9,
         "reason": "co-seen", "is_separable": True}
        for device, home in homes.items()
    ]  # fmt: skip
    leases = [
        {"address_key": f"a_{home}", "day": DAY.date(), "from_at": DAY, "until_at": DAY + timedelta(hours=20),
         "household_id": home, "kind": "home", "device_count": 1, "event_count": 1}
        for home in sorted(set(homes.values()))
    ]  # fmt: skip
    return pa.Table.from_pylist(assigned, schema=ASSIGNMENTS), pa.Table.from_pylist(leases, schema=LEASES)


def test_an_update_writes_what_has_changed_and_removes_what_is_no_more(
    opened: Callable[[], DocumentStore], settings: Any
) -> None:
    documents = Documents(opened())
    assert documents.update(settings.paths, *tables({"d_1": "hh-a", "d_2": "hh-a", "d_3": "hh-b"})) == 2
    assert documents.update(settings.paths, *tables({"d_1": "hh-a", "d_2": "hh-a", "d_3": "hh-b"})) == 0
    assert documents.update(settings.paths, *tables({"d_1": "hh-a", "d_2": "hh-a", "d_3": "hh-a"})) == 2
    store = opened()
    found = store.get("hh-a")
    assert found is not None
    assert [each["device_key"] for each in found["devices"]] == ["d_1", "d_2", "d_3"]
    assert found["addresses"] == [
        {"address_key": "a_hh-a", "from": "2026-05-01T00:00:00Z", "until": "2026-05-01T20:00:00Z"}
    ]
    assert store.get("hh-b") is None
    assert Documents(opened()).update(settings.paths, *tables({"d_1": "hh-a", "d_2": "hh-a", "d_3": "hh-a"})) == 0


def test_links_are_told_on_both_sides_and_the_order_of_rows_does_not_matter() -> None:
    assignments, leases = tables({"d_1": "hh-a", "d_2": "hh-b", "d_3": "hh-b"})
    row = dict.fromkeys(LINKS.names) | {"household_a": "hh-a", "household_b": "hh-b", "weight": 0.5, "visit_days": 3}
    links = pa.Table.from_pylist([row], schema=LINKS)
    found = {each["_id"]: each for each in build(assignments, leases, links)}
    assert found["hh-a"]["links"] == [{"household_id": "hh-b", "weight": 0.5, "visit_days": 3}]
    assert found["hh-b"]["links"] == [{"household_id": "hh-a", "weight": 0.5, "visit_days": 3}]
    turned = {each["_id"]: each for each in build(assignments.take([2, 1, 0]), leases, links)}
    assert turned == found


def test_what_is_removed_from_the_embedded_store_is_no_longer_in_its_file(tmp_path: Path) -> None:
    """PRV-3"""
    store = EmbeddedDocuments(tmp_path / "documents.sqlite")
    store.put([document(f"hh-{number}", f"d_{number:024x}") for number in range(50)])
    store.remove([f"hh-{number}" for number in range(50)])
    store.close()
    assert b"d_0000" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_an_address_that_is_none_is_a_users_mistake_and_shows_no_password(tmp_path: Path) -> None:
    where = "mongodb://user:secret@host:no-port/db"
    settings = load({"MEDIATHEK_HOME": str(tmp_path), "MEDIATHEK_LIVE_HOUSEHOLDS__DOCUMENT_STORE": where})
    with pytest.raises(UserError, match=r"^document_store: .*; write e\.g\. mongodb://") as raised:
        open_store(settings)
    assert "secret" not in str(raised.value)
    with pytest.raises(UserError, match="document_store"):
        load({"MEDIATHEK_HOME": str(tmp_path), "MEDIATHEK_LIVE_HOUSEHOLDS__DOCUMENT_STORE": "somewhere"})


@pytest.mark.slow
def test_a_server_that_is_away_is_an_error_for_who_asks_and_made_up_for_by_the_next_update(
    server: document_server.Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.households.documents_mongodb._PATIENCE_MS", 300)
    where = server.address(f"test{next(NUMBERS)}")
    store = open_store(load({"MEDIATHEK_LIVE_HOUSEHOLDS__DOCUMENT_STORE": where}))
    assert store is not None
    documents = Documents(store)
    documents.update(settings.paths, *tables({"d_1": "hh-a"}))
    server.stop()
    try:
        with pytest.raises(StageError, match=r"^document store: 127\.0\.0\.1 does not do what it is asked"):
            store.digests()
        assert documents.update(settings.paths, *tables({"d_1": "hh-a", "d_2": "hh-b"})) == 0
    finally:
        server.start()
    end = datetime.now(UTC) + timedelta(seconds=60)
    while not documents.update(settings.paths, *tables({"d_1": "hh-a", "d_2": "hh-b"})):
        assert datetime.now(UTC) < end, "the store was not found again"
    assert sorted(store.digests()) == ["hh-a", "hh-b"]
    store.close()
