"""LOG-2: what a landing directory holds is in the lake after a run, exactly once."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.contracts.lake import CATALOGUE, EVENTS
from core.errors import StageError, UserError
from core.settings import Settings
from ingestion import ledger
from ingestion.fence import held
from ingestion.landing import ingest_source

View = Callable[..., dict[str, Any]]


def entry(content_id: str, updated_at: str, **fields: Any) -> dict[str, Any]:
    return {
        "content_id": content_id, "kind": "video", "title": "T", "path": "/filme/t", "genre": "fiction",
        "audience": "general", "collection": None, "series_id": None, "season": None, "episode": None,
        "duration_s": 5400, "published_at": "2026-04-01T00:00:00Z", "available_from": None, "available_until": None,
        "playable": True, "categories": ["crime"], "updated_at": updated_at,
    } | fields  # fmt: skip


def test_a_view_becomes_a_row_with_every_field_of_the_contract(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put(
        "events/2026-05-01/12.jsonl", [view("e1", user="anna", series_id="s1", at="2026-05-01T14:00:00.5+02:00")]
    )

    report = ingest_source(settings, landing.root, as_of)

    assert report.as_json()["events"] == {
        "accepted": 1, "repeated": 0, "expired": 0, "quarantined": {}, "ignored_fields": {}
    }  # fmt: skip
    row = lake.events()["e1"]
    assert row["happened_at"] == datetime(2026, 5, 1, 12, 0, 0, 500000)
    assert (row["content_id"], row["series_id"], row["page"]) == ("film-1", "s1", "/start")
    assert (row["watched_s"], row["position_s"], row["duration_s"]) == (600.0, 610.5, 5400.0)
    assert row["device_key"].startswith("d_")
    assert row["address_key"].startswith("a_")
    assert row["user_key"].startswith("u_")
    assert row["is_mac_local"] is False
    assert row["batch_id"] == 1 == ledger.head(settings.paths)
    (file,) = settings.paths.events.glob("hour=2026-05-01T12/*.parquet")
    written = pq.ParquetFile(file).schema_arrow
    assert written.names == EVENTS.names
    assert [f.type for f in written if f.name != "items"] == [f.type for f in EVENTS if f.name != "items"]


ALLOWED: list[dict[str, Any]] = [
    {"event": "click"},
    {"event": "bookmark", "content_id": None, "series_id": "s1"},
    {"event": "unbookmark", "content_id": None, "series_id": "s1"},
    {"event": "recommendation", "use_case": "next-video", "arm": None, "items": ["a", "b"]},
    {"event": "ad", "spot_id": "spot", "break_id": "break"},
    {"mac": "3C9A77102030"},
    {"mac": "3c9a.7710.2030"},
    {"at": "2026-05-01T12:00:00.123456789Z"},
    {"at": "2026-05-01t12:00:00z"},
    {"at": "2026-05-01T23:59:60Z"},
    {"ip": "2003:e1:bf00:1::7"},
    {"position_s": None},
    {"consent": None},
    {"consent": {"advertising": True}},
    {"content_id": "not in the catalogue"},
    {"user": ""},
]


def test_what_the_contract_allows_is_accepted(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view(f"e{number}") | fields for number, fields in enumerate(ALLOWED)])
    ingest_source(settings, landing.root, as_of)
    assert lake.quarantine() == []
    assert len(lake.events()) == len(ALLOWED)


def test_byte_order_mark_carriage_returns_and_blank_lines_do_no_harm(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    import json

    text = (
        "\ufeff" + json.dumps(view("e1")) + "\r\n\r\n" + json.dumps(view("e2")) + "\r\n   \n" + json.dumps(view("e3"))
    )
    landing.put_bytes("events/a.jsonl", text.encode())
    ingest_source(settings, landing.root, as_of)
    assert sorted(lake.events()) == ["e1", "e2", "e3"]
    assert lake.quarantine() == []


def test_an_event_id_met_again_at_another_time_is_the_same_event_and_the_first_counts(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1", watched_s=10), view("e1", watched_s=20, at="2026-05-01T17:00:00Z")])
    landing.put("events/b.jsonl", [view("e1", watched_s=30), view("e2")])
    report = ingest_source(settings, landing.root, as_of)
    assert (report.events.accepted, report.events.repeated) == (2, 2)
    assert lake.events()["e1"]["watched_s"] == 10
    landing.put("events/c.jsonl", [view("e1", at="2026-05-02T03:00:00Z"), view("e3")])
    later = ingest_source(settings, landing.root, as_of)
    assert (later.events.accepted, later.events.repeated) == (1, 1)
    assert sorted(lake.events()) == ["e1", "e2", "e3"]


def test_unknown_fields_are_ignored_and_counted(settings: Settings, landing: Any, view: View, as_of: datetime) -> None:
    landing.put("events/a.jsonl", [view("e1", shoe_size=43), view("e2", shoe_size=44, colour="red"), view("e3")])
    landing.put("catalogue/a.jsonl", [entry("v1", "2026-05-01T00:00:00Z", mood="grim")])
    report = ingest_source(settings, landing.root, as_of)
    assert report.events.accepted == 3
    assert report.events.ignored_fields == {"shoe_size": 2, "colour": 1}
    assert report.kinds["catalogue"].ignored_fields == {"mood": 1}


def test_the_newest_catalogue_line_wins_whatever_the_order_of_delivery(
    settings: Settings, landing: Any, lake: Any, as_of: datetime
) -> None:
    landing.put(
        "catalogue/a.jsonl", [entry("v1", "2026-05-01T10:00:00Z", title="new"), entry("v2", "2026-05-01T00:00:00Z")]
    )
    landing.put("catalogue/b.jsonl.gz", [entry("v1", "2026-05-01T09:00:00Z", title="old")])
    ingest_source(settings, landing.root, as_of)
    assert lake.catalogue()["v1"]["title"] == "new"
    landing.put("catalogue/c.jsonl", [entry("v1", "2026-05-01T10:00:00Z", title="as new, delivered later")])
    report = ingest_source(settings, landing.root, as_of)
    assert lake.catalogue()["v1"]["title"] == "as new, delivered later"
    assert report.kinds["catalogue"].accepted == 1
    assert pq.ParquetFile(settings.paths.catalogue).schema_arrow.equals(CATALOGUE)


def test_wrong_series_numbers_do_not_cost_a_video_its_place_in_the_catalogue(
    settings: Settings, landing: Any, lake: Any, as_of: datetime
) -> None:
    """NV-K1: season and episode may be missing or wrong."""
    lines = [
        entry("v1", "2026-05-01T00:00:00Z", series_id="s", season=-1, episode=3.0),
        entry("v2", "2026-05-01T00:00:00Z", series_id="s", season="2", episode=2.5),
    ]
    landing.put("catalogue/a.jsonl", lines)
    ingest_source(settings, landing.root, as_of)
    rows = lake.catalogue()
    assert (rows["v1"]["season"], rows["v1"]["episode"]) == (None, 3)
    assert (rows["v2"]["season"], rows["v2"]["episode"]) == (2, None)


def test_campaigns_are_validated_and_kept(settings: Settings, landing: Any, as_of: datetime) -> None:
    campaign = {
        "campaign_id": "c1", "advertiser": "Bäckerei", "starts_at": "2026-05-01T00:00:00Z",
        "ends_at": "2026-06-01T00:00:00Z", "updated_at": "2026-04-20T00:00:00Z", "impressions": 1000,
        "device_split": {"tv": 0.5, "tablet": 0.5}, "cap": {"per_day": 3}, "target": {"categories": ["cooking"]},
        "spots": [{"spot_id": "s1", "duration_s": 20, "media_url": "https://example.org/s1.mp4"}],
    }  # fmt: skip
    landing.put("campaigns/a.jsonl", [campaign, campaign | {"campaign_id": "c2", "device_split": {"tv": 0.7}}])
    report = ingest_source(settings, landing.root, as_of)
    (row,) = pq.read_table(settings.paths.campaigns).to_pylist()
    assert row["cap"] == '{"per_break": 1, "per_day": 3}'
    assert report.kinds["campaigns"].quarantined == {"absurd_number": 1}


def test_an_unchanged_source_is_not_read_again_and_changes_nothing(
    settings: Settings, landing: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1"), "broken"])
    ingest_source(settings, landing.root, as_of)
    before = {file: file.stat().st_mtime_ns for file in settings.home.rglob("*") if file.name != "lock"}
    report = ingest_source(settings, landing.root, as_of)
    after = {file: file.stat().st_mtime_ns for file in settings.home.rglob("*") if file.name != "lock"}
    assert not report.has_changes
    assert (report.files_read, report.files_known) == (0, 1)
    assert after == before


def test_a_second_ingestion_at_once_is_refused_by_name(
    settings: Settings, landing: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1")])
    with held(settings.paths), pytest.raises(StageError, match=r"ingest: process \d+ is ingesting into .* already"):
        ingest_source(settings, landing.root, as_of)
    assert ingest_source(settings, landing.root, as_of).events.accepted == 1


def test_a_directory_that_is_no_landing_directory_is_a_users_mistake(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"source: .* is no directory"):
        ingest_source(settings, tmp_path / "nowhere", datetime.now().astimezone())
    with pytest.raises(UserError, match="neither catalogue/ nor events/"):
        ingest_source(settings, tmp_path, datetime.now().astimezone())


def test_files_under_a_temporary_name_are_left_alone(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1")]).rename(landing.root / "events/b.jsonl.tmp")
    assert ingest_source(settings, landing.root, as_of).batches == []
    assert lake.events() == {}
