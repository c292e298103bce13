"""HH-11, AD-11: caps recounted from the log, and held against what serving counted."""

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import warehouse
from core.contracts import exports, lake
from core.contracts.households import ASSIGNMENTS
from core.settings import Settings
from serving.ad_decision.counters_export import export_counters
from serving.ad_decision.sqlite_counters import SqliteCounters
from tests.dbt.conftest import NOON, Lake, at, rows_of, view

pytestmark = pytest.mark.slow


def ad(event_id: str, when: datetime, break_id: str, spot_id: str = "s1", device: str | None = "tv") -> dict[str, Any]:
    return {
        "event": "ad", "event_id": event_id, "happened_at": when, "device_key": device, "device_class": "tv",
        "spot_id": spot_id, "break_id": break_id, "has_advertising_consent": device is not None,
        "has_personalisation_consent": False,
    }  # fmt: skip


def book(settings: Settings) -> None:
    """One campaign, two ids of one film, two plays a day."""
    row = {
        "campaign_id": "c", "starts_at": at("2026-05-01"), "ends_at": at("2026-07-01"), "impressions": 100,
        "cap": json.dumps({"per_break": 1, "per_day": 2}), "device_split": "{}", "target": "{}",
        "spots": json.dumps([{"spot_id": each, "duration_s": 20, "media_url": "https://film"} for each in ("s1", "s2")]),
    }  # fmt: skip
    file = settings.paths.campaigns
    file.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([row], schema=lake.CAMPAIGNS), file)


def count(settings: Settings) -> None:
    """The counters know the first break and give a play that the log never heard of."""
    SqliteCounters(settings.paths.ads.counters).plays(["tv"], NOON).result(timeout=60)
    insert = (
        "insert into plays (unit, play_id, spot_id, at, break_id, slot, state) values ('tv', ?, ?, ?, ?, 0, 'played')"
    )
    with sqlite3.connect(settings.paths.ads.counters) as connection:
        for play, spot, break_id in (("1", "s1", "b1"), ("2", "s2", "silent")):
            begun = int(datetime(2026, 5, 30, 8, tzinfo=UTC).timestamp()) * 1_000_000
            connection.execute(insert, (play, spot, begun, break_id))
        connection.execute("insert into breaks (break_id, fingerprint, at) values ('b1', 'f', 0)")


def test_breaches_and_differences_are_found_in_the_log(small_lake: Lake, settings: Settings) -> None:
    """Two devices of one household; a film under two ids is one film."""
    small_lake.add_events(
        1,
        ad("1", at("2026-05-30 08:00"), "b1"),
        ad("2", at("2026-05-30 08:00:30"), "b1", "s2"),  # the same film in the same break
        ad("3", at("2026-05-30 08:04"), "b2", device="phone"),  # within the gap, and the third of the day
        ad("4", at("2026-05-30 08:00"), "b9", device=None),
        view("p", at("2026-05-30 08:00"), 20.0),
    )
    book(settings)
    homes = [{"device_key": each, "household_id": "h", "from_at": at("2026-05-01")} for each in ("tv", "phone")]
    settings.paths.households.mkdir()
    pq.write_table(pa.Table.from_pylist(homes, schema=ASSIGNMENTS), settings.paths.household_assignments)
    count(settings)
    assert export_counters(settings, NOON) == 2
    warehouse.build(settings, NOON)
    breaches = rows_of(settings, exports.RPT_AD_BREACHES)
    assert {(row["cap"], row["subject"], row["shown"], row["is_decided_here"]) for row in breaches} == {
        ("break", "b1", "https://film", True), ("gap", "h", "https://film", False), ("day", "h", "c", False),
    }  # fmt: skip
    differences = {
        (row["break_id"], row["spot_id"]): row["difference"] for row in rows_of(settings, exports.RPT_AD_DIFFERENCES)
    }
    assert differences == {
        ("b1", "s2"): "not counted", ("b2", "s1"): "not counted", ("silent", "s2"): "not in the log",
    }  # fmt: skip
    (traffic,) = rows_of(settings, exports.RPT_AD_TRAFFIC)
    assert (traffic["hour"], traffic["device_class"], traffic["report_count"]) == (at("2026-05-30 08:00"), "tv", 1)
