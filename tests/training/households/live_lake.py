"""A lake written commit by commit as ingestion writes it, for the tests of the live consumer."""

import json
import random
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.lake import EVENTS, WITHDRAWALS
from core.paths import Paths
from ingestion.ledger import Entry

FIRST_DAY = datetime(2026, 5, 1, tzinfo=UTC)
Row = dict[str, Any]


def device(number: int) -> str:
    return f"d_{number:024x}"


def seen(number: int, address: str, at: datetime, **fields: Any) -> Row:
    """One event of a device with consent; an address has another key each day."""
    row = dict.fromkeys(EVENTS.names) | {
        "event_id": f"{number}-{at.isoformat()}",
        "event": "view",
        "happened_at": at.replace(tzinfo=None),
        "device_key": device(number),
        "address_key": f"a_{address}_{at:%m%d}",
        "is_mac_local": False,
        "device_class": ("tv", "smartphone", "tablet")[number % 3],
        "content_id": f"video-{number % 7}",
        "has_personalisation_consent": True,
        "has_advertising_consent": False,
    }
    return row | fields


def commit(
    paths: Paths,
    batch_id: int,
    events: Iterable[Row] = (),
    withdrawn: Iterable[tuple[int, datetime]] = (),
    kept_from: datetime | None = None,
    as_of: datetime | None = None,
) -> None:
    """Put a batch in place: files by hour first, then the ledger's entry, as a reader without luck would see it."""
    by_hour: dict[str, list[Row]] = {}
    for row in events:
        by_hour.setdefault(f"hour={row['happened_at']:%Y-%m-%dT%H}", []).append(row | {"batch_id": batch_id})
    for hour, rows in by_hour.items():
        _write(paths.events / hour / f"{batch_id:08d}_0.parquet", rows, EVENTS)
    ended = [
        {
            "device_key": device(number), "purpose": "personalisation", "withdrawn_at": at.replace(tzinfo=None),
            "batch_id": batch_id,
        }
        for number, at in withdrawn
    ]  # fmt: skip
    if ended:
        _write(paths.withdrawals / f"{batch_id:08d}.parquet", ended, WITHDRAWALS)
    dropped = {"events": kept_from.replace(tzinfo=None).isoformat()} if kept_from else {}
    as_of = as_of or FIRST_DAY + timedelta(hours=12 * batch_id)
    entry = Entry(batch_id, 1, as_of.isoformat(), "", dropped_before=dropped)
    paths.ledger.mkdir(parents=True, exist_ok=True)
    (paths.ledger / f"{batch_id:012d}.json").write_text(json.dumps(asdict(entry)))


def half_day(number: int, rng: random.Random, households: int = 6) -> list[Row]:
    """What devices of some households do in a half day: mostly at home, one guest, some on a carrier's address."""
    begin = FIRST_DAY + timedelta(hours=12 * (number - 1))
    rows = []
    for home in range(households):
        for member in range(1 + home % 3):
            at = begin + timedelta(minutes=rng.randrange(0, 690))
            who = 10 * home + member
            where = f"home{home}" if rng.random() < 0.8 else rng.choice(("carrier", f"home{(home + 1) % households}"))
            rows += [seen(who, where, at), seen(who, where, at + timedelta(minutes=7))]
    return rows


def _write(file: Path, rows: list[Row], schema: pa.Schema) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
