"""The ground truth, for evaluation only: who lives where, who visited whom, whose an address was, what was broken."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.storage import write_text, written_aside
from ingestion.simulate.defects import DEFECTS
from ingestion.simulate.devices import ROTATION_MS, Device, written
from ingestion.simulate.hardness import case_rows
from ingestion.simulate.landing import Landing
from ingestion.simulate.month import Simulation
from ingestion.simulate.places import Lease
from ingestion.simulate.scenario import rfc3339

VISIT_DAYS = 2
"""A link is true from two visits on different days on, as the contract counts it."""


def write_truth(directory: Path, simulation: Simulation, landing: Landing, end_ms: int) -> None:
    """Write the truth up to a time. Times still open are empty; addresses of /64s are their first address."""
    rows = sorted(
        (row for device in simulation.town.devices for row in _device_rows(device, end_ms)),
        key=lambda row: (row[1], row[0]),
    )
    _write(directory / "device_household.csv", ("mac", "household_id", "from", "until"), rows)
    links = sorted(pair for pair, days in simulation.visit_days.items() if len(days) >= VISIT_DAYS)
    _write(directory / "household_link.csv", ("household_a", "household_b"), links)
    _write(directory / "household_case.csv", ("household_id", "mac", "case"), case_rows(simulation))
    leases = [*simulation.leases.finished, *simulation.leases.current(simulation.town.places)]
    _write(
        directory / "lease.csv",
        ("ip", "household_id", "from", "until"),
        (_lease_row(lease, end_ms) for lease in leases if lease.from_ms < end_ms),
    )
    _write(
        directory / "series_numbering.csv", ("series_id", "numbering"), sorted(simulation.catalogue.numbering.items())
    )
    write_text(directory / "expected.json", json.dumps(expected(landing), indent=1) + "\n")


def expected(landing: Landing) -> dict[str, object]:
    """Return what ingestion should report for the events written: unique whole ones, repeated ones, broken ones."""
    counts = landing.counts
    return {
        "lines": sum(counts.values()),
        "accepted": counts["whole"] + counts["late"],
        "late": counts["late"],
        "repeated": counts["repeated"],
        "torn": counts["torn"],
        "broken": {reason: counts[reason] for reason in DEFECTS},
    }


def _device_rows(device: Device, end_ms: int) -> list[Sequence[str]]:
    until = rfc3339(device.until_ms) if 0 <= device.until_ms < end_ms else ""
    if device.from_ms >= end_ms or 0 <= device.until_ms <= device.from_ms:
        return []
    if not device.is_randomised:
        return [(written(device.mac, 0), device.home.place_id, rfc3339(device.from_ms), until)]
    rows: list[Sequence[str]] = []
    for (_, rotation), mac in device.macs_used.items():
        start, end = device.from_ms, until
        if device.is_rotating:
            start = max(start, rotation * ROTATION_MS)
            stop = (rotation + 1) * ROTATION_MS
            end = rfc3339(stop) if stop < (device.until_ms if device.until_ms >= 0 else end_ms) else until
        if start < end_ms:
            rows.append((written(mac, 0), device.home.place_id, rfc3339(start), end))
    return rows


def _lease_row(lease: Lease, end_ms: int) -> Sequence[str]:
    until = rfc3339(lease.until_ms) if 0 <= lease.until_ms < end_ms else ""
    return (lease.address, lease.place_id, rfc3339(lease.from_ms), until)


def _write(target: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with written_aside(target) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
