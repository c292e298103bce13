"""LOG-3, LOG-4: every line follows the contract, but for the ones broken on purpose, which break it in the named way."""

import json
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from core.contracts.landing import EVENT_KINDS, adapter
from core.contracts.landing_fields import REASON_OF, latest_at
from ingestion.simulate.campaigns import SPOT_IDS
from ingestion.simulate.defects import DEFECTS, broken

FIELDS = {
    "click": {"content_id", "page"},
    "view": {"content_id", "playback_id", "watched_s", "position_s", "duration_s", "page"},
    "bookmark": {"series_id", "page"},
    "unbookmark": {"series_id", "page"},
    "recommendation": {"content_id", "use_case", "arm", "items", "page"},
    "ad": {"content_id", "spot_id", "break_id"},
}
OF_EVERY_EVENT = {"event_id", "event", "at", "ip", "mac", "user", "device_class"}
CATALOGUE_FIELDS = {
    "content_id", "kind", "title", "path", "genre", "audience", "collection", "series_id", "season", "episode", "duration_s",
    "published_at", "available_from", "available_until", "playable", "categories", "updated_at",
}  # fmt: skip


def _reason(line: str, month: Any) -> str:
    context = {"latest_at": latest_at(month.run.scenario.as_of, 60)}
    try:
        adapter("events").validate_python(json.loads(line), context=context)
    except ValidationError as error:
        kind = error.errors()[0]["type"]
        return REASON_OF.get(kind, kind)
    return "none"


def test_every_line_not_broken_on_purpose_has_the_contracts_fields_and_is_accepted(month: Any) -> None:
    context = {"latest_at": month.run.scenario.as_of + timedelta(hours=1)}
    events = adapter("events")
    for event in month.whole.values():
        assert set(event) - {"consent"} == OF_EVERY_EVENT | FIELDS[event["event"]]
        events.validate_python(event, context=context)


def test_every_kind_of_event_and_every_device_class_occurs(month: Any) -> None:
    assert {event["event"] for event in month.whole.values()} == set(EVENT_KINDS)
    assert {event["device_class"] for event in month.whole.values()} == {"tv", "smartphone", "tablet", "desktop"}


@pytest.mark.parametrize("reason", [reason for reason in DEFECTS if reason != "not_json"])
@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_a_line_broken_in_a_way_is_refused_for_that_reason(reason: str, kind: str, month: Any) -> None:
    """LOG-4, each reason of quarantine on each kind of event."""
    event = next(event for event in month.whole.values() if event["event"] == kind)
    line = json.dumps(event, separators=(",", ":"))
    for seed in range(5):
        assert _reason(broken(random.Random(seed), reason, line), month) == reason


def test_each_defect_occurs_in_small_shares(month: Any) -> None:
    """LOG-3, LOG-4."""
    found = Counter(_reason(line, month) for line in month.broken)
    assert set(found) == set(DEFECTS) - {"not_json"}
    assert month.not_json_count > 0
    assert len(month.broken) < 0.02 * len(month.whole)


def test_all_four_notations_of_a_mac_and_both_kinds_of_address_occur(month: Any) -> None:
    macs = [event["mac"] for event in month.whole.values()]
    assert {":" if ":" in mac else "-" if "-" in mac else "." if "." in mac else "" for mac in macs} == {
        ":",
        "-",
        ".",
        "",
    }
    assert {":" in event["ip"] for event in month.whole.values()} == {True, False}
    assert {event["at"][-6:] == "+01:00" for event in month.whole.values()} == {True, False}


def test_catalogue_lines_have_the_contracts_fields_and_newer_lines_replace_older_ones(month: Any) -> None:
    lines = [
        json.loads(line)
        for file in sorted((month.directory / "landing" / "catalogue").glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    catalogue, changed = adapter("catalogue"), 0
    newest: dict[str, dict[str, Any]] = {}
    for line in lines:
        assert set(line) == CATALOGUE_FIELDS
        catalogue.validate_python(line)
        before = newest.get(line["content_id"])
        if before is not None:
            assert before["updated_at"] < line["updated_at"]
            changed += before != line | {"updated_at": before["updated_at"]}
        newest[line["content_id"]] = line
    assert changed > 5
    for content in month.run.simulation.catalogue.contents:
        expected = content.as_line()
        assert newest[content.content_id] | {"updated_at": ""} == expected | {"updated_at": ""}


def test_campaign_lines_follow_the_contract_and_hold_the_spots_that_are_played(month: Any) -> None:
    text = (month.directory / "landing" / "campaigns" / "campaigns.jsonl").read_text(encoding="utf-8")
    campaigns = [adapter("campaigns").validate_json(line) for line in text.splitlines()]
    assert len({campaign.campaign_id for campaign in campaigns}) < len(campaigns)
    assert {spot.spot_id for campaign in campaigns for spot in campaign.spots} == set(SPOT_IDS)
    played = {event["spot_id"] for event in month.whole.values() if event["event"] == "ad"}
    assert played <= set(SPOT_IDS)
    assert len(played) > 5
