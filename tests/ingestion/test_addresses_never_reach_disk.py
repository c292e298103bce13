"""PRV-1, PRV-2: raw addresses exist in memory at the door and nowhere else; none stay without consent."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.settings import Settings
from ingestion.landing import ingest_source

View = Callable[..., dict[str, Any]]
MAC, IP, IPV6 = "3c:9a:77:10:20:30", "84.130.7.9", "2003:e1:bf00:1::7"
_RAW = re.compile(rb"3c[:.-]?9a[:.-]?77[:.-]?10[:.-]?20[:.-]?30|84\.130\.7\.9|2003:e1:bf00", re.IGNORECASE)


def texts_of(home: Path) -> Iterator[tuple[Path, bytes]]:
    """Every byte below the home, and every value of every Parquet file uncompressed."""
    for file in home.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()
            if file.suffix == ".parquet":
                yield file, json.dumps(pq.ParquetFile(file).read().to_pylist(), default=str).encode()


def test_no_file_below_the_home_holds_a_raw_address(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    fields: list[dict[str, Any]] = [
        {},
        {"ip": IPV6},
        {"mac": MAC.upper()},
        {"mac": "3c9a.7710.2030", "device_class": "fridge"},
        {"ip": "10.0.0.1", "page": f"/from/{MAC}/{IP}"},
        {"page": f"/from/{MAC}/{IP}"},
        {"playback_id": f"{MAC.replace(':', '')}-1"},
        {"content_id": f"x-{IPV6}", "consent": {}},
        {"event": "recommendation", "use_case": "u", "items": [MAC, "film-1"]},
        {f"field of {MAC}": 1},
        {"event_id": f"id-{MAC.replace(':', '-')}"},
    ]
    landing.put("events/a.jsonl", [view(f"e{i}") | replaced for i, replaced in enumerate(fields)])
    landing.put("events/torn.jsonl", [f'{{"mac": "{MAC}", "ip": "{IP}"'], end="")
    ingest_source(settings, landing.root, as_of)

    assert len(lake.events()) == len(fields) - 2
    assert len(lake.quarantine()) == 3
    found = [(file.name, _RAW.search(data)) for file, data in texts_of(settings.home) if _RAW.search(data)]
    assert found == []


def test_no_file_below_the_home_holds_the_address_in_a_file_name(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    """PRV-1: a box may write one file a device, named after its address."""
    for number, name in enumerate((MAC.replace(":", ""), MAC, IP, IPV6)):
        landing.put(f"events/{name}.jsonl", [view(f"e{number}"), "no json"])
    ingest_source(settings, landing.root, as_of)
    again = ingest_source(settings, landing.root, as_of)

    assert len(lake.events()) == 4
    assert len(lake.quarantine()) == 4
    assert (again.files_read, again.files_known) == (0, 4)
    assert [file.name for file, data in texts_of(settings.home) if _RAW.search(data)] == []


def test_ids_that_held_an_address_stay_distinct_and_ids_that_only_look_like_one_stay_as_they_are(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    ids = [f"{MAC}-1", f"{MAC}-2", "0123456789ab", "1.2.3", "urn:ab:12:film", "10.11.12.13"]
    landing.put("events/a.jsonl", [view(f"e{i}", playback_id=text) for i, text in enumerate(ids)])
    ingest_source(settings, landing.root, as_of)
    kept = [row["playback_id"] for _, row in sorted(lake.events().items())]
    assert len(set(kept)) == len(ids)
    assert kept[2:] == ids[2:]
    assert kept[0].endswith("-1")


def test_a_device_is_one_however_its_mac_is_written_and_an_address_changes_its_name_every_utc_day(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    """The key's change at midnight inside a batch, by the UTC day of `at`."""
    lines = [
        view("e1", at="2026-05-01T23:59:59.999Z"),
        view("e2", at="2026-05-02T00:00:00Z", mac="3C-9A-77-10-20-30"),
        view("e3", at="2026-05-02T01:59:59+02:00", mac="3c9a77102030"),
        view("e4", at="2026-05-01T00:00:00Z", ip=IPV6),
        view("e5", at="2026-05-01T01:00:00Z", ip="2003:e1:bf00:1:ffff::1"),
    ]
    landing.put("events/a.jsonl", lines)
    ingest_source(settings, landing.root, as_of)
    rows = lake.events()
    assert len({row["device_key"] for row in rows.values()}) == 1
    address = {event_id: row["address_key"] for event_id, row in rows.items()}
    assert address["e1"] == address["e3"] != address["e2"]
    assert address["e4"] == address["e5"]


def test_consent_counts_per_event_as_it_was_then(
    settings: Settings, landing: Any, lake: Any, view: View, as_of: datetime
) -> None:
    """PRV-2: withdrawn between two events of a device, the first keeps its keys and the second has none."""
    lines = [
        view("both", user="anna", consent={"personalisation": True, "advertising": True}),
        view("ads", user="anna", consent={"personalisation": False, "advertising": True}),
        view("none", user="anna", consent={"personalisation": False, "advertising": False}),
        view("missing", user="anna", consent=None),
    ]
    landing.put("events/a.jsonl", lines)
    ingest_source(settings, landing.root, as_of)
    rows = lake.events()
    for event_id in ("both", "ads"):
        assert all(rows[event_id][key] for key in ("device_key", "address_key", "user_key"))
    for event_id in ("none", "missing"):
        assert [rows[event_id][key] for key in ("device_key", "address_key", "user_key", "is_mac_local")] == [None] * 4
    assert rows["ads"]["has_personalisation_consent"] is False
    assert rows["ads"]["has_advertising_consent"] is True
    assert rows["none"]["content_id"] == "film-1"
