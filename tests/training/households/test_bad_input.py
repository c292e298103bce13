"""Bad input (issue 4): each kind is handled by a rule that has a name, counted under it, and harms no household."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.settings import Settings
from ingestion.landing import ingest_source
from training.households import live, run

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
HOME = "84.130.7.9"
ABSURD_TIMES = ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z"]
FUTURE = ["9999-12-31T23:59:59Z", (NOW + timedelta(hours=3)).isoformat()]
ABSURD_MACS = ["ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "FF-FF-FF-FF-FF-FF"]
NOT_PUBLIC = ["10.0.0.1", "192.168.1.1", "127.0.0.1", "0.0.0.0", "169.254.1.1", "100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fd00::1"]  # fmt: skip


class Lines:
    """What a backend delivers."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def add(self, at: str, mac: str = "3c:9a:77:10:20:30", ip: str = HOME, device_class: str = "tv") -> None:
        row = {
            "event_id": f"e{len(self.rows)}", "event": "click", "at": at, "mac": mac, "ip": ip, "content_id": "film-1",
            "device_class": device_class, "page": "/start", "consent": {"personalisation": True},
        }  # fmt: skip
        self.rows.append(json.dumps(row))


def family(lines: Lines) -> None:
    """Two devices at home on ten evenings, delivered in the order of a clock that goes back."""
    for day in range(10):
        for minutes in (40, 20, 0):
            for mac in ("3c:9a:77:00:01:01", "3c:9a:77:00:01:02"):
                at = NOW - timedelta(days=day, hours=15) + timedelta(minutes=minutes)
                lines.add(at.isoformat(), mac, f"84.5.{day}.7", "tv" if mac.endswith("1") else "smartphone")


@pytest.fixture
def counted(settings: Settings, tmp_path: Any) -> dict[str, int]:
    """A lake after all of it; returns what was quarantined, by reason."""
    lines = Lines()
    family(lines)
    for at in (*ABSURD_TIMES, *FUTURE):
        lines.add(at)
    for mac in ABSURD_MACS:
        lines.add(NOW.isoformat(), mac=mac)
    for ip in NOT_PUBLIC:
        lines.add(NOW.isoformat(), ip=ip)
    minute = NOW - timedelta(hours=16)
    for number in range(1500):  # many on one address within a minute
        at = minute + timedelta(seconds=number % 60)
        lines.add(at.isoformat(), f"3c:9a:78:00:{number >> 8:02x}:{number & 255:02x}", "84.9.9.9", "smartphone")
    for number in range(3000):  # one device, very many events within an hour
        lines.add((minute + timedelta(seconds=1.2 * number)).isoformat(), "3c:9a:77:00:00:01", "84.7.7.7")
    source = tmp_path / "landing"
    (source / "events").mkdir(parents=True)
    (source / "catalogue").mkdir()
    (source / "events" / "a.jsonl").write_text("\n".join(lines.rows) + "\n")
    return dict(ingest_source(settings, source, NOW).events.quarantined)


def homes(settings: Settings) -> list[int]:
    """Sizes of the households that are more than one device."""
    rows = pq.ParquetFile(settings.paths.household_assignments).read().to_pylist()
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["household_id"]] = sizes.get(row["household_id"], 0) + 1
    return sorted(size for size in sizes.values() if size > 1)


def test_each_kind_is_counted_under_its_rule_and_the_family_is_found_all_the_same(
    settings: Settings, counted: dict[str, int]
) -> None:
    assert counted == {
        "absurd_time": len(ABSURD_TIMES), "future_at": len(FUTURE), "absurd_mac": len(ABSURD_MACS),
        "not_public_address": len(NOT_PUBLIC),
    }  # fmt: skip
    idle: list[float] = []
    report = live.follow(settings, lambda: NOW, lambda: bool(idle), idle.append)
    assert report.events == 60 + 1500 + 3000
    assert report.left_out["crowded_addresses"] == 1
    assert homes(settings) == [2]
    batch = run.cluster(settings, NOW)
    assert batch.left_out == report.left_out
    assert batch.sightings < 60 + 1500 + 10, "ten minutes of a device at an address are one sighting"
    assert homes(settings) == [2]
