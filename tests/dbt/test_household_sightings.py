"""HH-1, HH-5: the evidence of households by dbt, read by the clustering: the same households as straight from the lake."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from core import warehouse
from core.errors import StageError
from core.settings import Settings
from core.storage import connect, open_read_only, write_text
from core.warehouse.erasure import rebuild_without
from core.warehouse.sightings import MODEL, copy_sightings
from core.warehouse.spark import FOLDERS, copy_sightings_by_spark, why_no_spark
from tests.dbt.conftest import NOON, Lake, Row, at, video
from training.households.run import cluster

pytestmark = pytest.mark.slow
BEGIN = at("2026-05-20 19:00")
UNTIL = NOON.replace(tzinfo=None)
NEWEST = 3
FAMILIES = {"x": ("a1", "a2", "a3"), "y": ("b1", "b2"), "z": ("c1",)}
CLASSES = ("tv", "smartphone", "tablet")


def evening(day: int) -> list[Row]:
    """Every family at home; a1 and b1 share a login, and a2 is seen without consent to personalisation, too."""
    rows = []
    for address, devices in FAMILIES.items():
        for number, device in enumerate(devices):
            for minutes in (0, 4, 9, 10, 33):
                when = BEGIN + timedelta(days=day, minutes=minutes + number)
                has_consent = device != "a2" or minutes != 33
                rows.append(
                    {
                        "event": "view", "event_id": f"{device}{when}", "happened_at": when, "device_key": device,
                        "address_key": f"{address}{day}", "device_class": CLASSES[number], "is_mac_local": number == 1,
                        "user_key": "u1" if device in ("a1", "b1") and minutes == 4 else None, "content_id": "v1",
                        "has_personalisation_consent": has_consent, "has_advertising_consent": True,
                    }
                )  # fmt: skip
    return rows


def fill(small: Lake, days: range, batch_id: int) -> None:
    add(small, batch_id, [row for day in days for row in evening(day)])


def add(small: Lake, batch_id: int, rows: list[Row]) -> None:
    """What a commit leaves: the files, and an entry in the ledger."""
    small.add_events(batch_id, *rows)
    write_text(small.settings.paths.ledger / f"{batch_id:012d}.json", "{}")


def found(settings: Settings) -> tuple[Any, list[Row]]:
    """The report and the assignments of a clustering from nothing."""
    settings.paths.household_assignments.unlink(missing_ok=True)
    report = cluster(settings, NOON)
    return report, pq.ParquetFile(settings.paths.household_assignments).read().to_pylist()


def evidence(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return sorted(connection.execute("from sightings").fetchall(), key=repr)


def test_the_model_is_added_to_and_the_households_are_those_straight_from_the_lake(
    small_lake: Lake, another_home: Callable[[str], Settings]
) -> None:
    """A build, one more hour that it adds, and one that no build has taken up yet."""
    settings, other = small_lake.settings, another_home("unbuilt")
    fill(small_lake, range(4), 1)
    warehouse.build(settings, NOON)
    fill(small_lake, range(3, 7), 2)
    assert warehouse.build(settings, NOON + timedelta(minutes=1)).mode == "incremental"
    with open_read_only(settings.paths.warehouse) as connection:
        batches = connection.execute(f"select distinct last_batch_id from {MODEL} order by 1").fetchall()
    assert batches == [(1,), (2,)]
    fill(small_lake, range(7, 9), 3)
    small_lake.copy_to(other)
    shutil.copytree(settings.paths.ledger, other.paths.ledger, dirs_exist_ok=True)
    with connect() as connection:
        files = copy_sightings(settings, connection, NEWEST, UNTIL)
    assert files is not None
    assert all("000000000003" not in file for file in files)
    assert found(settings) == found(other)
    assert len(found(settings)[1]) == 6


def test_a_warehouse_that_knows_more_or_other_than_is_asked_for_is_left_alone(small_lake: Lake) -> None:
    settings = small_lake.settings
    fill(small_lake, range(2), 2)
    small_lake.set_catalogue(video("v1"))
    warehouse.build(settings, NOON)
    with connect() as connection:
        assert copy_sightings(settings, connection, 1, UNTIL) is None
        assert copy_sightings(settings, connection, NEWEST, BEGIN) is None
        for file in settings.paths.events.glob("*/*.parquet"):
            file.unlink()
            break
        assert copy_sightings(settings, connection, NEWEST, UNTIL) is None


@pytest.mark.skipif(why_no_spark() is not None, reason=why_no_spark() or "")
def test_the_model_on_spark_gives_the_same_evidence_and_the_same_households(
    small_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HH-5: dbt-spark by its session method, Spark in local mode; the bounds hold there, too."""
    settings, came = small_lake.settings, []
    fill(small_lake, range(5), 1)
    warehouse.build(settings, NOON)
    with connect() as built:
        assert copy_sightings(settings, built, NEWEST, UNTIL)
        expected = evidence(built)
    report, homes = found(settings)
    settings.paths.household_assignments.unlink()
    add(small_lake, 1, [row | {"happened_at": row["happened_at"] + timedelta(days=30)} for row in evening(5)])
    small_lake.add_events(2, *evening(6))  # not in the ledger yet

    def listened(settings: Settings, connection: duckdb.DuckDBPyConnection, batch_id: int, until: datetime) -> None:
        copy_sightings_by_spark(settings, connection, batch_id, until)
        came.extend(evidence(connection))

    monkeypatch.setattr("training.households.sightings.copy_sightings_by_spark", listened)
    assert cluster(settings, NOON, "spark") == report
    assert came == expected
    assert pq.ParquetFile(settings.paths.household_assignments).read().to_pylist() == homes
    assert not [file for file in settings.paths.warehouse.parent.iterdir() if file.name.startswith("spark-")]


def test_what_a_killed_run_of_spark_has_left_goes_with_an_erasure(settings: Settings) -> None:
    """PRV-3."""
    left = settings.paths.warehouse.parent / f"{FOLDERS}killed" / "tables" / "part.parquet"
    left.parent.mkdir(parents=True)
    left.write_text("d_1")
    assert rebuild_without(settings, "d_1", NOON) == 0
    assert not list(settings.paths.warehouse.parent.glob(f"{FOLDERS}*"))


@pytest.mark.skipif(why_no_spark() is None, reason="Spark is installed")
def test_without_spark_it_says_in_a_line_what_is_missing(small_lake: Lake) -> None:
    fill(small_lake, range(1), 1)
    with pytest.raises(StageError, match=r"spark: .* missing: it needs Java 17 .*make spark"):
        cluster(small_lake.settings, NOON, "spark")
