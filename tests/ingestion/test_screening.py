"""The fast path for events takes nothing that the careful path would refuse, and writes the same rows (LOG-4)."""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core import storage
from core.contracts.landing_fields import latest_at
from core.privacy import load_pseudonyms
from core.settings import Settings
from ingestion import screening
from ingestion.landing import ingest_source
from ingestion.pseudonyms import PseudonymDesk
from ingestion.records import RefusedError, Validator, event_row

MAC = "3c:9a:77:10:20:30"
VALUES: list[Any] = [
    None, "", " ", "x", "x" * 5000, 0, -1, 1e12, 30.5, True, [], ["a"], ["a", 1], ["a", None], [""], {}, {"a": 1}, "ü" * 300,
    MAC, MAC.upper(), "3c9a.7710.2030", "3c9a77102030", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "84.130.7.9", "10.0.0.1",
    "2003:e1:bf00:1::7", "::1", "2026-05-01T12:00:00", "2026-05-01T12:00:00+02:00", "2026-13-01T00:00:00Z",
    "2026-05-02T13:30:00Z", "1999-01-01T00:00:00Z", "tv", "TV", "fridge", "view", "click", "recommendation", "ad", "bookmark",
    {"personalisation": True}, {"personalisation": "yes"}, {"personalisation": None, "advertising": True}, "a\u0000b", "\U0001f600", "\ud83d",
    "5", "-5", 5, "5e3", "true", "null", "[x", "{x", "[1]", "9abc", "123456789012", 123456789012, "2026-05-01T24:00:00Z",
    "2026-05-01T12:00:00+99:99", {"personalisation": "true"}, {"advertising": 1},
]  # fmt: skip
FIELDS = (
    "event_id", "event", "at", "ip", "mac", "user", "device_class", "content_id", "series_id", "playback_id", "watched_s",
    "position_s", "duration_s", "page", "use_case", "arm", "items", "spot_id", "break_id", "consent", "unknown", "items", "items",
)  # fmt: skip
SHAPES: list[dict[str, Any]] = [
    {},
    {"event": "click"},
    {"event": "bookmark", "series_id": "s"},
    {"event": "recommendation", "use_case": "u", "items": ["a", "b"], "arm": "x"},
    {"event": "ad", "spot_id": "s", "break_id": "b"},
]


def random_line(chance: random.Random, event: dict[str, Any]) -> str:
    """An event of some shape with up to two fields broken, missing, repeated or written with escapes."""
    event = event | chance.choice(SHAPES)
    for _ in range(chance.choice((0, 1, 1, 1, 2))):
        name = chance.choice(FIELDS)
        if chance.random() < 0.15:
            event.pop(name, None)
        else:
            event[name] = chance.choice(VALUES)
    text = json.dumps(event, ensure_ascii=chance.random() < 0.5 or "\ud83d" in event.values())
    kind = chance.random()
    if kind < 0.03:
        return text[: chance.randrange(len(text))]
    if kind < 0.15:
        return text.replace('"items"', '"it\\u0065ms"')
    return text


@pytest.mark.parametrize("seed", range(3))
def test_what_the_fast_path_takes_the_careful_path_takes_with_the_same_row(
    seed: int, settings: Settings, view: Callable[..., dict[str, Any]], as_of: Any
) -> None:
    chance = random.Random(seed)
    lines = [random_line(chance, view(f"e{number}")) for number in range(1000)]
    lines.append(json.dumps(view("hidden") | SHAPES[3] | {"items": ["a", 1]}).replace('"items"', '"it\\u0065ms"'))
    latest = latest_at(as_of, settings.ingestion.future_tolerance_minutes)
    pseudonyms, validator = load_pseudonyms(settings.paths.keys), Validator("events", latest)
    with storage.connect() as connection:
        table = pa.table({"line": pa.array(lines, pa.large_string()), "seq": np.arange(len(lines))})
        found = screening.with_keys(screening.screen(connection, table, latest), PseudonymDesk(pseudonyms))
        fine = found.filter(found["is_fine"]).drop_columns(["unknown_count", "is_fine"]).to_pylist()

    assert len(fine) > len(lines) // 4
    for row in fine:
        text = lines[row.pop("seq")]
        try:
            event, _ = validator.validate(text)
        except RefusedError as error:
            pytest.fail(f"taken though {error.reason} ({error.field}): {text}")
        assert row.pop("device") == pseudonyms.device_key(event.mac)
        careful = event_row(event, pseudonyms)
        assert {name: careful.get(name) for name in row} == row, text


def test_the_order_and_the_splitting_of_delivery_do_not_change_what_is_accepted(
    settings: Settings, landing: Any, lake: Any, view: Callable[..., dict[str, Any]], as_of: Any
) -> None:
    """Twenty deliveries of random slices, in random order, some of them twice, against all in their order."""
    chance = random.Random(5)
    start = as_of - timedelta(days=2)
    events = [view(f"e{n}", at=(start + timedelta(minutes=7 * n)).isoformat()) for n in range(300)]
    for number in range(20):
        landing.put(f"events/{chance.random()}-{number}.jsonl", chance.sample(events, chance.randrange(1, 60)))
        if number % 5 == 0:
            ingest_source(settings, landing.root, as_of)
    landing.put("events/all.jsonl.gz", [*reversed(events)])
    ingest_source(settings, landing.root, as_of)

    rows = lake.events()
    assert sorted(rows) == sorted(event["event_id"] for event in events)
    assert all(rows[e["event_id"]]["playback_id"] == e["playback_id"] for e in events)
    assert lake.quarantine() == []
