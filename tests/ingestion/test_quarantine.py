"""LOG-4: a bad record is quarantined with a reason, never lost, never passed on, and can be taken in again."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from core.settings import Settings
from ingestion.landing import ingest_source
from ingestion.quarantine import count_by_reason
from ingestion.retry import retry_source

View = Callable[..., dict[str, Any]]
MISSING = object()

BROKEN = [
    ("missing_field", "mac", {"mac": MISSING}),
    ("missing_field", "event_id", {"event_id": ""}),
    ("missing_field", "event", {"event": MISSING}),
    ("missing_field", "playback_id", {"playback_id": MISSING}),
    ("missing_field", "series_id", {"event": "bookmark"}),
    ("missing_field", "items", {"event": "recommendation", "use_case": "next-video"}),
    ("missing_field", "break_id", {"event": "ad", "spot_id": "s"}),
    ("mistyped_field", "watched_s", {"watched_s": "600"}),
    ("mistyped_field", "content_id", {"content_id": 7}),
    ("mistyped_field", "at", {"at": "yesterday"}),
    ("mistyped_field", "at", {"at": "2026-02-30T00:00:00Z"}),
    ("mistyped_field", "user", {"user": 5}),
    ("mistyped_field", "consent", {"consent": [True]}),
    ("mistyped_field", "consent.personalisation", {"consent": {"personalisation": "yes"}}),
    ("mistyped_field", "items.1", {"event": "recommendation", "use_case": "next-video", "items": ["a", 1]}),
    ("missing_zone", "at", {"at": "2026-05-01T12:00:00"}),
    ("unknown_event", "event", {"event": "zap"}),
    ("unknown_device_class", "device_class", {"device_class": "TV"}),
    ("absurd_number", "watched_s", {"watched_s": -1}),
    ("absurd_number", "watched_s", {"watched_s": 1e12}),
    ("absurd_number", "watched_s", {"watched_s": float("nan")}),
    ("absurd_number", "duration_s", {"duration_s": 0}),
    ("absurd_number", "position_s", {"position_s": float("inf")}),
    ("absurd_number", None, {"watched_s": 54_601}),  # more than ten times the 5,400 s of the video and ten minutes
    ("future_at", "at", {"at": "2026-05-02T13:00:00.001Z"}),  # the run's time is 12:00
    ("absurd_time", "at", {"at": "1970-01-01T00:00:00Z"}),
    ("bad_mac", "mac", {"mac": "3c:9a:77:10:20"}),
    ("absurd_mac", "mac", {"mac": "00-00-00-00-00-00"}),
    ("absurd_mac", "mac", {"mac": "ffff.ffff.ffff"}),
    ("bad_address", "ip", {"ip": "router"}),
    ("not_public_address", "ip", {"ip": "192.168.178.1"}),
    ("not_public_address", "ip", {"ip": "100.64.3.1"}),
    ("not_public_address", "ip", {"ip": "fe80::1"}),
]


def test_each_kind_of_broken_event_has_its_own_reason(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    lines = [view("good")]
    for number, (_, _, fields) in enumerate(BROKEN):
        line = view(f"e{number}") | fields
        lines.append({key: value for key, value in line.items() if value is not MISSING})
    landing.put("events/a.jsonl", lines)

    report = ingest_source(settings, landing.root, as_of)

    found = {row["line"]: (row["reason"], row["field"]) for row in lake.quarantine()}
    assert found == {number + 2: (reason, field) for number, (reason, field, _) in enumerate(BROKEN)}
    assert sum(report.events.quarantined.values()) == len(BROKEN)
    assert list(lake.events()) == ["good"]
    for row in lake.quarantine():
        assert (row["kind"], row["file"]) == ("events", "events/a.jsonl")
        assert row["message"].startswith(row["field"] or "events")


NO_JSON = ['{"event_id": "x"', "half", "{'event_id': 'x'}", '{"event_id": "\\ud800"}', "[" * 5000]


def test_what_is_no_json_is_called_so(settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime) -> None:
    landing.put("events/a.jsonl", [*NO_JSON, view("good")])
    ingest_source(settings, landing.root, as_of)
    assert lake.reasons() == ["not_json"] * len(NO_JSON)
    assert list(lake.events()) == ["good"]


def test_bytes_that_are_no_text_and_values_that_are_no_object_do_not_stop_the_file(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    lines = [b"\xff\xfe{}", b"5", b"[]", b"null", json.dumps(view("good")).encode()]
    landing.put_bytes("events/a.jsonl", b"\n".join(lines) + b"\n")
    ingest_source(settings, landing.root, as_of)
    assert lake.reasons() == ["mistyped_field", "mistyped_field", "mistyped_field", "not_json"]
    assert list(lake.events()) == ["good"]


def test_a_line_without_end_is_refused_in_bounded_memory(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    huge = b'{"event_id": "' + b"x" * 30_000_000 + b'"}\n'
    landing.put_bytes(
        "events/a.jsonl", json.dumps(view("e1")).encode() + b"\n" + huge + json.dumps(view("e2")).encode()
    )
    ingest_source(settings, landing.root, as_of)
    assert sorted(lake.events()) == ["e1", "e2"]
    (row,) = lake.quarantine()
    assert (row["reason"], row["line"]) == ("line_too_long", 2)
    assert len(row["raw"]) == 4000


BROKEN_ENTRIES = [
    ("missing_field", {"title": MISSING}),
    ("mistyped_field", {"playable": "yes"}),
    ("unknown_kind", {"kind": "podcast"}),
    ("unknown_audience", {"audience": "cats"}),
    ("absurd_number", {"duration_s": -1}),
    ("mistyped_field", {"categories": "cooking"}),
    ("mistyped_field", {"published_at": "soon"}),
    ("missing_zone", {"available_until": "2026-05-01T00:00:00"}),
]


def test_catalogue_lines_are_validated_just_as_well(
    settings: Settings, landing: Any, lake: Any, as_of: datetime
) -> None:
    whole = {
        "content_id": "v1", "kind": "video", "title": "T", "path": "/filme", "genre": "fiction", "audience": "general",
        "duration_s": 60, "published_at": "2026-04-01T00:00:00Z", "playable": True, "categories": [],
        "updated_at": "2026-04-01T00:00:00Z",
    }  # fmt: skip
    lines = [{key: value for key, value in (whole | f).items() if value is not MISSING} for _, f in BROKEN_ENTRIES]
    landing.put("catalogue/a.jsonl", [whole, *lines])
    ingest_source(settings, landing.root, as_of)
    assert {row["line"]: row["reason"] for row in lake.quarantine()} == {
        number + 2: reason for number, (reason, _) in enumerate(BROKEN_ENTRIES)
    }
    assert {row["kind"] for row in lake.quarantine()} == {"catalogue"}
    assert list(lake.catalogue()) == ["v1"]


def test_the_same_bad_event_in_two_files_is_one_entry_but_the_same_noise_in_two_places_is_two(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("bad", device_class="fridge"), "noise"])
    landing.put("events/b.jsonl", [view("e1"), view("bad", device_class="fridge"), "noise"])
    report = ingest_source(settings, landing.root, as_of)
    assert report.events.quarantined == {"unknown_device_class": 1, "not_json": 2}
    assert report.events.repeated == 1
    assert count_by_reason(settings.paths) == {"not_json": 2, "unknown_device_class": 1}
    assert len(lake.quarantine()) == 3


def test_what_was_too_early_is_taken_in_by_one_command_later(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl.gz", [view("e1"), view("e2", at="2026-05-02T15:00:00Z"), view("e3", mac="none")])
    ingest_source(settings, landing.root, as_of)
    assert lake.reasons() == ["bad_mac", "future_at"]

    result = retry_source(settings, landing.root, as_of + timedelta(hours=3))

    assert (result.tried, result.resolved, result.gone) == (2, 1, 0)
    assert result.still_refused == {"bad_mac": 1}
    assert sorted(lake.events()) == ["e1", "e2"]
    assert lake.reasons() == ["bad_mac"]
    again = retry_source(settings, landing.root, as_of + timedelta(hours=3))
    assert (again.tried, again.resolved, again.batches) == (1, 0, [])


def test_a_line_corrected_in_place_is_taken_in_and_one_replaced_by_another_stays_open(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    landing.put("events/a.jsonl", [view("e1", device_class="fridge"), view("e2", device_class="fridge")])
    landing.put("events/b.jsonl", ["noise"])
    ingest_source(settings, landing.root, as_of)
    landing.put("events/a.jsonl", [view("e1"), view("e9")])
    (landing.root / "events/b.jsonl").unlink()

    result = retry_source(settings, landing.root, as_of)

    assert (result.tried, result.resolved, result.gone) == (3, 1, 2)
    assert list(lake.events()) == ["e1"]
    assert lake.reasons() == ["not_json", "unknown_device_class"]
