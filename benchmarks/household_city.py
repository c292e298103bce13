"""A made-up city for the benchmarks of the households' picture: artefacts and a feed, by the contract's schemas."""

import base64
import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts import households as schemas
from core.contracts.exports import FCT_PLAYBACKS
from core.paths import Paths
from core.storage import written_aside

END = datetime(2026, 5, 10)  # noqa: DTZ001 - the lake's times are naive UTC
BEGIN = END - timedelta(days=30)
CONTENTS = 300
_CLASSES = ("tv", "smartphone", "tablet", "desktop")
_PLAYBACKS = pa.schema(
    [(name, pa.string()) for name in ("playback_id", "device_key", "device_class", "content_id")]
    + [(name, pa.timestamp("us")) for name in ("started_at", "ended_at")]
)


class City:
    """So many households of 3.3 devices on average; every second one is linked with another."""

    def __init__(self, paths: Paths, households: int, seed: int = 1) -> None:
        self.paths, self.chance = paths, random.Random(seed)
        self.households = [_household(number) for number in range(households)]
        self.devices: list[tuple[str, str, str]] = []  # key, household, class
        for household in self.households:
            for _ in range(self.chance.choices((1, 2, 3, 4, 5, 6), (1, 3, 4, 3, 2, 1))[0]):
                key = f"d_{hashlib.sha256(f'{len(self.devices)}'.encode()).hexdigest()[:24]}"
                self.devices.append((key, household, self.chance.choice(_CLASSES)))
        self._seq = 0

    def write(self) -> None:
        """All artefacts that serving reads."""
        chance, paths = self.chance, self.paths
        lease = {"day": END.date(), "from_at": END - timedelta(hours=20), "until_at": END, "kind": "home"}
        leases = [{"address_key": f"a_{home[3:]}", "household_id": home, **lease} for home in self.households]
        pairs = {tuple(sorted(chance.sample(self.households, 2))) for _ in range(len(self.households) // 2)}
        times = {"first_at": BEGIN, "last_at": END - timedelta(days=2), "visit_days": 4, "evidence": "Visits."}
        links = [
            {"household_a": one, "household_b": other, "weight": round(chance.betavariate(2, 3), 3), **times}
            for one, other in sorted(pairs)
        ]
        plays = [
            {
                "playback_id": f"p{number}",
                "device_key": key,
                "device_class": of,
                "content_id": f"film-{chance.randrange(CONTENTS)}",
                "started_at": END - timedelta(days=2),
                "ended_at": END - timedelta(days=1),
            }
            for number, (key, _, of) in enumerate(self.devices)
        ]
        _write(paths.household_leases, leases, schemas.LEASES)
        _write(paths.household_links, links, schemas.LINKS)
        _write(paths.export(FCT_PLAYBACKS), plays, _PLAYBACKS)
        self.publish()

    def publish(self) -> None:
        """Write the assignments as they are after the last step, as the live consumer does every few seconds."""
        stays = [
            {
                "device_key": key,
                "household_id": household,
                "from_at": BEGIN + timedelta(hours=number % 200),
                "confidence": 0.5 + number % 50 / 100,
                "reason": "seen-together",
                "is_separable": number % 33 > 0,
            }
            for number, (key, household, _) in enumerate(self.devices)
        ]
        mark = {schemas.FEED_SEQ: str(self._seq).encode()}
        with written_aside(self.paths.household_assignments) as aside:
            _write(aside, stays, schemas.ASSIGNMENTS, mark)

    def happen(self, events: int) -> None:
        """Append one step to the feed: views, and one device that changes its household."""
        chance = self.chance
        self._seq += 1
        at_ms = int(END.replace(tzinfo=UTC).timestamp() * 1000) + self._seq * 250
        chosen = chance.sample(range(len(self.devices)), min(events, len(self.devices)))
        devices = [self.devices[number] for number in chosen]
        seen = [[at_ms, key, f"a_{home[3:]}", of, f"film-{chance.randrange(CONTENTS)}"] for key, home, of in devices]
        key, home, of = devices[0]
        self.devices[chosen[0]] = (key, chance.choice(self.households), of)
        mover = {"change": "join", "household_id": self.devices[chosen[0]][1], "device_key": key}
        step = {
            "seq": self._seq,
            "batch_id": self._seq,
            "at": datetime.now(UTC).isoformat(),
            "cause": "batch",
            "changes": [{**mover, "other_household_id": home, "at": "2026-05-10T00:00:00Z", "reason": "seen-together"}],
            "sightings": seen,
        }
        self.paths.household_feed.mkdir(parents=True, exist_ok=True)
        with (self.paths.household_feed / "000000000001.jsonl").open("a") as feed:
            feed.write(json.dumps(step) + "\n")


def _household(number: int) -> str:
    return "hh-" + base64.b32encode(hashlib.sha256(f"home {number}".encode()).digest()).decode()[:12].lower()


def _write(
    file: Path, rows: list[dict[str, Any]], schema: pa.Schema, metadata: dict[bytes, bytes] | None = None
) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema)
    pq.write_table(table.replace_schema_metadata(metadata), file)
