"""A small city written out: two families, a single, a visit, a link; and a feed to append to."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.households import ASSIGNMENTS, CHANGES, EVIDENCE, FEED_SEQ, LEASES, LINKS, VISITS
from core.contracts.lake import CATALOGUE
from core.paths import Paths
from core.storage import written_aside

BEGIN = datetime(2026, 4, 10)
END = datetime(2026, 5, 1)
MS = int((END - datetime(1970, 1, 1)).total_seconds() * 1000)
_PLAYBACKS = pa.schema(
    [(name, pa.string()) for name in ("playback_id", "device_key", "device_class", "content_id", "genre")]
    + [(name, pa.timestamp("us")) for name in ("started_at", "ended_at")]
)


def stay(device: str, household: str, **fields: Any) -> dict[str, Any]:
    row = {"from_at": BEGIN, "until_at": None, "confidence": 0.9, "reason": "seen-together", "is_separable": True}
    return {"device_key": f"d_{device}", "household_id": f"hh-{household}", **row, **fields}


STAYS = [
    stay("tv", "a"),
    stay("phone", "a", confidence=0.8),
    stay("tablet", "b"),
    stay("laptop", "b", is_separable=False),
    stay("radio", "c", reason="alone"),
    stay("moved", "a", until_at=BEGIN + timedelta(days=5)),
    stay("moved", "b", from_at=BEGIN + timedelta(days=5)),
]
CLASSES = {
    "tv": "tv",
    "phone": "smartphone",
    "tablet": "tablet",
    "laptop": "desktop",
    "radio": "smartphone",
    "moved": "smartphone",
}


def write(paths: Paths, file: Path, rows: list[dict[str, Any]], schema: pa.Schema, **metadata: bytes) -> None:
    with written_aside(file) as aside:
        table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema)
        pq.write_table(table.replace_schema_metadata(metadata or None), aside)


def write_stays(paths: Paths, rows: list[dict[str, Any]], feed_seq: int | None = 0) -> None:
    mark = {} if feed_seq is None else {FEED_SEQ.decode(): str(feed_seq).encode()}
    write(paths, paths.household_assignments, rows, ASSIGNMENTS, **mark)


def beat(paths: Paths, is_alive: bool) -> None:
    """A live consumer's pulse: of one that lives as long as any test, or of one that was killed long ago."""
    paths.household_pulse.parent.mkdir(parents=True, exist_ok=True)
    paths.household_pulse.touch()
    at = 4e9 if is_alive else 1e9
    os.utime(paths.household_pulse, (at, at))


def write_city(paths: Paths) -> None:
    """Everything that serving reads of households, and a catalogue of two films."""
    write_stays(paths, STAYS)
    lease = {"day": END.date(), "from_at": END - timedelta(hours=20), "until_at": END, "kind": "home"}
    leases = [{"address_key": f"a_{home}", "household_id": f"hh-{home}", **lease} for home in "ab"]
    write(paths, paths.household_leases, leases, LEASES)
    visit = {
        "device_key": "d_phone",
        "household_id": "hh-a",
        "host_household_id": "hh-b",
        "is_night": False,
        "minutes": 90.0,
    }
    days = [BEGIN + timedelta(days=day) for day in (2, 9, 16)]
    write(paths, paths.household_visits, [{**visit, "day": at.date(), "last_at": at} for at in days], VISITS)
    link = {
        "weight": 0.6,
        "visit_days": 3,
        "shared_lift": 2.5,
        "shared_lift_low": 1.4,
        "shared_lift_high": 4.5,
        "evidence": "Visits.",
    }
    ends = {"household_a": "hh-a", "household_b": "hh-b", "first_at": days[0], "last_at": days[2]}
    write(paths, paths.household_links, [link | ends], LINKS)
    seen = {
        "days": 20,
        "nights": 18,
        "addresses": 19,
        "days_elsewhere": 3,
        "co_seen_device_key": "d_phone",
        "co_seen_days": 17,
    }
    write(paths, paths.household_evidence, [{"device_key": "d_tv", "household_id": "hh-a", **seen}], EVIDENCE)
    change = {"change": "join", "household_id": "hh-b", "device_key": "d_moved", "other_household_id": "hh-a"}
    write(
        paths, paths.household_changes, [change | {"at": BEGIN + timedelta(days=5), "reason": "seen-together"}], CHANGES
    )
    plays = [
        {"device_key": f"d_{device}", "device_class": of, "content_id": f"film-{number}"}
        for device, of in CLASSES.items()
        for number in (1, 2)
    ]
    times = {"started_at": END - timedelta(days=3), "ended_at": END - timedelta(days=2)}
    write(
        paths,
        paths.export("fct_playbacks"),
        [{"playback_id": f"p{i}", **play, **times} for i, play in enumerate(plays)],
        _PLAYBACKS,
    )
    if not paths.catalogue.exists():
        write(
            paths,
            paths.catalogue,
            [
                {"content_id": f"film-{i}", "title": f"Title of film-{i}", "genre": "fiction", "kind": "video"}
                for i in (1, 2)
            ],
            CATALOGUE,
        )


def join(device: str, household: str, other: str | None = None) -> dict[str, Any]:
    change = {
        "change": "join",
        "household_id": f"hh-{household}",
        "device_key": f"d_{device}",
        "reason": "seen-together",
    }
    return {**change, "other_household_id": other and f"hh-{other}", "at": "2026-05-01T00:00:00Z"}


def sighting(device: str, at_ms: int = MS, address: str = "a_new", content: str | None = "film-1") -> list[Any]:
    return [at_ms, f"d_{device}", address, CLASSES.get(device, "tv"), content]


def step(seq: int, changes: list[dict[str, Any]] = (), sightings: list[list[Any]] = ()) -> dict[str, Any]:  # type: ignore[assignment]
    told = {"changes": list(changes), "sightings": list(sightings)}
    return {"seq": seq, "batch_id": seq, "at": "2026-05-01T00:00:01Z", "cause": "batch", **told}


def append(paths: Paths, *steps: dict[str, Any], segment: int = 1) -> None:
    """Write steps at the end of a segment of the feed, as the live consumer does."""
    paths.household_feed.mkdir(parents=True, exist_ok=True)
    with (paths.household_feed / f"{segment:012d}.jsonl").open("a") as feed:
        feed.writelines(json.dumps(each) + "\n" for each in steps)
