"""PRV-3, HH-3: a device leaves what batch runs have found of households; the live consumer has a test of its own."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts.households import ASSIGNMENTS, EVIDENCE, INFERENCES, LEASES, LINKS, VISITS
from core.device_search import files_naming
from core.errors import StageError
from core.settings import Settings
from training.households import ownership
from training.households.documents import Documents, open_store
from training.households.forgetting import forget_device
from training.households.stored import stored_of_households

GONE, STAYS, ALONE = "d_" + "1" * 24, "d_" + "2" * 24, "d_" + "3" * 24
AT, DAY = datetime(2026, 5, 1), date(2026, 5, 1)
SCHEMAS = {"assignments": ASSIGNMENTS, "visits": VISITS, "leases": LEASES, "links": LINKS, "inferences": INFERENCES}


def _clock() -> datetime:
    return datetime(2026, 5, 2, tzinfo=UTC)


def _lives(device_key: str, household_id: str) -> dict[str, Any]:
    return {
        "device_key": device_key, "household_id": household_id, "from_at": AT, "until_at": None, "confidence": 0.9,
        "reason": "co-seen", "is_separable": True,
    }  # fmt: skip


@pytest.fixture
def home(settings: Settings) -> Path:
    """Two share a household, one lives alone; the two households are linked."""
    rows = {
        "assignments": [_lives(GONE, "hh-a"), _lives(STAYS, "hh-a"), _lives(ALONE, "hh-b")],
        "visits": [
            {"device_key": ALONE, "household_id": "hh-b", "host_household_id": "hh-a", "day": DAY, "is_night": False}
        ],
        "leases": [{"address_key": "a_1", "day": DAY, "from_at": AT, "household_id": "hh-a", "kind": "home"}],
        "links": [{"household_a": "hh-a", "household_b": "hh-b", "weight": 0.5, "visit_days": 2, "evidence": "visits"}],
        "inferences": [{"device_key": key, "household_id": "hh-a", "what": "gender"} for key in (GONE, STAYS)],
    }
    folder = settings.paths.households
    folder.mkdir(parents=True)
    for name, schema in SCHEMAS.items():
        pq.write_table(pa.Table.from_pylist(rows[name], schema=schema), folder / f"{name}.parquet")
    documents = Documents(open_store(settings))
    tables = (pq.ParquetFile(folder / f"{name}.parquet").read() for name in ("assignments", "leases"))
    documents.update(settings.paths, *tables)
    documents.close()
    return folder


def _column(folder: Path, name: str, column: str) -> list[Any]:
    file = folder / f"{name}.parquet"
    return pq.ParquetFile(file).read()[column].to_pylist() if file.exists() else []


def test_one_of_two_goes_and_the_other_stays_where_it_was(settings: Settings, home: Path) -> None:
    assert list(files_naming(home, GONE))
    gone = forget_device(settings, GONE, _clock)
    assert gone == {"households/assignments.parquet": 1, "households/inferences.parquet": 1}
    assert list(files_naming(home, GONE)) == []
    assert _column(home, "assignments", "device_key") == [STAYS, ALONE]
    assert _column(home, "inferences", "device_key") == [STAYS]
    assert len(_column(home, "links", "weight")) == 1


def test_the_evidence_about_another_device_stays_without_the_name(settings: Settings, home: Path) -> None:
    rows = [
        {"device_key": one, "days": 3, "co_seen_device_key": other} for one, other in ((GONE, STAYS), (STAYS, GONE))
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=EVIDENCE), home / "evidence.parquet")
    forget_device(settings, GONE, _clock)
    (left,) = pq.ParquetFile(home / "evidence.parquet").read().to_pylist()
    assert (left["device_key"], left["days"], left["co_seen_device_key"]) == (STAYS, 3, None)


def test_the_links_of_a_household_that_was_this_device_go_with_it(settings: Settings, home: Path) -> None:
    forget_device(settings, ALONE, _clock)
    assert list(files_naming(home, ALONE)) == []
    assert list(files_naming(home, "hh-b")) == []
    assert _column(home, "assignments", "device_key") == [GONE, STAYS]


def test_the_documents_follow(settings: Settings, home: Path) -> None:
    forget_device(settings, GONE, _clock)
    store = open_store(settings)
    assert store is not None
    assert store.of_device(GONE) == []
    assert [document["_id"] for document in store.of_device(STAYS)] == ["hh-a"]
    store.close()


def test_the_last_device_of_all_can_go(settings: Settings, home: Path) -> None:
    for key in (GONE, STAYS, ALONE):
        forget_device(settings, key, _clock)
    assert not any(list(files_naming(home, key)) for key in (GONE, STAYS, ALONE))
    forget_device(settings, GONE, _clock)


def test_whoever_writes_the_households_is_named(settings: Settings, home: Path) -> None:
    with ownership.owned(settings.paths, "batch"), pytest.raises(StageError, match=r"batch \d+ writes below"):
        forget_device(settings, GONE, _clock)


def test_without_households_there_is_nothing_to_do(settings: Settings) -> None:
    assert forget_device(settings, GONE, _clock) == {}


def test_what_is_stored_is_told_and_of_the_feed_only_the_devices_own_part(settings: Settings, home: Path) -> None:
    feed = settings.paths.household_feed
    feed.mkdir()
    sightings = [[1, GONE, "a_1", "tv", None], [2, STAYS, "a_1", "tv", None]]
    step = {"seq": 1, "at": "2026-05-01T00:00:00Z", "changes": [{"device_key": STAYS}], "sightings": sightings}
    (feed / "000000000001.jsonl").write_text(json.dumps(step) + "\n")
    stored = {store: rows for store, rows in stored_of_households(settings, GONE) if rows}
    assert set(stored) == {
        "households/assignments.parquet", "households/inferences.parquet", "households/documents", "households/feed",
        "households/links of its households",
    }  # fmt: skip
    (told,) = stored["households/feed"]
    assert (told["changes"], told["sightings"]) == ([], sightings[:1])
