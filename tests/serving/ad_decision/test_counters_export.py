"""HH-11: what the counters know goes to the warehouse, with the campaigns that were in force, and names no device."""

import sqlite3
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from core.algorithms.ads.plays import Play
from core.contracts.ads import COUNTED_PLAYS
from core.errors import UserError
from core.settings import AdDecision, Settings
from serving.ad_decision.campaign_changes import append_change
from serving.ad_decision.counters_export import export_counters
from serving.ad_decision.counters_of import counters_of
from serving.ad_decision.sqlite_counters import SqliteCounters
from tests.serving.ad_decision.counter_servers import redis_server

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
MICROS = int(NOON.timestamp()) * 1_000_000


def counted(settings: Settings, *units: str, at: int = MICROS) -> None:
    store = SqliteCounters(settings.paths.ads.counters)
    store.plays(["nobody"], NOON).result(timeout=60)
    store.close()
    insert = "insert into plays (unit, play_id, spot_id, at, break_id, slot, state) values (?, 'p', 's', ?, 'b', 0, 'played')"
    with sqlite3.connect(settings.paths.ads.counters) as connection:
        connection.executemany(insert, [(unit, at) for unit in units])
    connection.close()


def test_one_play_under_two_devices_is_one_row_that_names_neither(settings: Settings) -> None:
    counted(settings, "device-one", "device-two")
    assert export_counters(settings, NOON) == 1
    table = pq.ParquetFile(settings.paths.ads.counted_plays).read()
    assert table.schema.names == COUNTED_PLAYS.names
    (row,) = table.to_pylist()
    assert (row["break_id"], row["state"], row["is_decided_here"]) == ("b", "played", False)
    assert b"device-one" not in settings.paths.ads.counted_plays.read_bytes()


def test_nothing_is_handed_over_where_nothing_was_decided_or_only_later(settings: Settings) -> None:
    assert export_counters(settings, NOON) == 0
    assert not settings.paths.ads.counted_plays.exists()
    counted(settings, "a", at=MICROS + 1)
    assert export_counters(settings, NOON) == 0


def test_a_campaign_changed_on_the_page_goes_along_as_it_runs(settings: Settings) -> None:
    line = {
        "campaign_id": "c", "advertiser": "a", "starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-07-01T00:00:00Z",
        "updated_at": "2026-05-02T00:00:00Z", "impressions": 10, "device_split": {"tv": 1.0},
        "cap": {"per_break": 1, "per_day": 2}, "spots": [{"spot_id": "s", "duration_s": 20, "media_url": "https://f"}],
    }  # fmt: skip
    append_change(settings.paths.ads.campaign_changes, line)
    export_counters(settings, NOON)
    (row,) = pq.ParquetFile(settings.paths.ads.campaigns_as_run).read().to_pylist()
    assert (row["campaign_id"], row["impressions"]) == ("c", 10)
    settings.paths.ads.campaign_changes.unlink()
    export_counters(settings, NOON)
    assert not settings.paths.ads.campaigns_as_run.exists()


@pytest.mark.slow
def test_caps_that_are_counted_on_a_server_are_handed_over_alike(settings: Settings) -> None:
    with redis_server() as address:
        there = settings.model_copy(update={"ad_decision": AdDecision(counters=address)})
        assert export_counters(there, NOON) == 0
        store = counters_of(there)
        play = Play("p", "s", "film", "c", NOON, "b", 0, "played")
        assert store.note([("device-one", play), ("device-two", play)]).result(60) == 2
        store.close()
        assert export_counters(there, NOON) == 1
    (row,) = pq.ParquetFile(settings.paths.ads.counted_plays).read().to_pylist()
    assert (row["spot_id"], row["campaign_id"], row["break_id"], row["state"]) == ("s", "c", "b", "played")
    assert row["counted_at"] == NOON.replace(tzinfo=None)


def test_a_server_that_is_away_is_told_as_what_it_is(settings: Settings) -> None:
    away = settings.model_copy(update={"ad_decision": AdDecision(counters="redis://127.0.0.1:1/0")})
    with pytest.raises(UserError, match=r"ad_decision\.counters"):
        export_counters(away, NOON)
