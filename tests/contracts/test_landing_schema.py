"""The published JSON Schema says what the contract page says: the page's field tables are written out here (LOG-1, LOG-4)."""

from typing import Any

import jsonschema
import pytest

from core.contracts.landing import json_schema

CATALOGUE = {
    "content_id", "kind", "title", "path", "genre", "audience", "collection", "series_id", "season", "episode",
    "duration_s", "published_at", "available_from", "available_until", "playable", "categories", "updated_at",
}  # fmt: skip
CAMPAIGNS = {
    "campaign_id", "advertiser", "starts_at", "ends_at", "updated_at", "impressions", "device_split", "cap", "target",
    "spots",
}  # fmt: skip
EVENT_FIELDS = {
    "event_id", "event", "at", "ip", "mac", "user", "device_class", "content_id", "series_id", "playback_id",
    "watched_s", "position_s", "duration_s", "page", "use_case", "arm", "items", "spot_id", "break_id", "consent",
}  # fmt: skip
EVENT_KINDS = {"click", "view", "bookmark", "unbookmark", "recommendation", "ad"}
DEVICE_CLASSES = {"tv", "smartphone", "tablet", "desktop"}

VIEW: dict[str, Any] = {
    "event_id": "e1", "event": "view", "at": "2026-05-01T12:00:00Z", "ip": "84.130.7.9", "mac": "aa:bb:cc:dd:ee:01",
    "user": None, "device_class": "tv", "content_id": "v1", "playback_id": "p1", "watched_s": 12.5, "position_s": 40,
    "duration_s": 1800, "page": "/start", "consent": {"personalisation": True, "advertising": False},
}  # fmt: skip


def kinds_of_events() -> list[dict[str, Any]]:
    schema = json_schema()["events"]
    return [kind for kind in schema["$defs"].values() if "event" in kind.get("properties", {})]


def test_catalogue_and_campaigns_have_the_fields_of_the_page() -> None:
    assert set(json_schema()["catalogue"]["properties"]) == CATALOGUE
    assert set(json_schema()["campaigns"]["properties"]) == CAMPAIGNS


def test_events_have_the_fields_and_kinds_of_the_page() -> None:
    kinds = kinds_of_events()
    assert set().union(*(kind["properties"] for kind in kinds)) == EVENT_FIELDS
    names = {
        name
        for kind in kinds
        for name in kind["properties"]["event"].get("enum", [kind["properties"]["event"].get("const")])
    }
    assert names == EVENT_KINDS
    for kind in kinds:
        assert set(kind["properties"]["device_class"]["enum"]) == DEVICE_CLASSES


def test_a_line_of_the_page_is_valid_and_consent_may_be_missing() -> None:
    jsonschema.validate(VIEW, json_schema()["events"])
    jsonschema.validate({name: value for name, value in VIEW.items() if name != "consent"}, json_schema()["events"])


@pytest.mark.parametrize(
    "change",
    [
        {"event": "fly"},
        {"device_class": "fridge"},
        {"watched_s": "12"},
        {"watched_s": -1},
        {"mac": None},
        {"event_id": 7},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_the_page_quarantines_is_not_valid(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(VIEW | change, json_schema()["events"])
