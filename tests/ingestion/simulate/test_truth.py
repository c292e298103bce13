"""LOG-3: the ground truth and the logs tell the same story."""

import csv
import ipaddress
from collections import defaultdict
from itertools import pairwise
from typing import Any

from core.clock import parse_instant
from core.privacy import normalise_mac

_TWO_HOMES = {"sold", "moved-out", "moved-in", "one-router", "moved"}
"""Cases in which a device has two homes, or a home has been behind a carrier NAT before."""


def _rows(month: Any, name: str) -> list[dict[str, str]]:
    with (month.directory / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _network(ip: str) -> str:
    address = ipaddress.ip_address(ip)
    return str(ipaddress.ip_network((ip, 64), strict=False)) if address.version == 6 else ip


def _second(at: str) -> str:
    return parse_instant(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def _covers(row: dict[str, str], at: str) -> bool:
    return row["from"] <= at and (not row["until"] or at <= row["until"])


def test_the_files_have_the_contracts_columns(month: Any) -> None:
    assert list(_rows(month, "device_household")[0]) == ["mac", "household_id", "from", "until"]
    assert list(_rows(month, "household_link")[0]) == ["household_a", "household_b"]
    assert list(_rows(month, "lease")[0]) == ["ip", "household_id", "from", "until"]


def test_every_address_was_leased_to_somebody_at_the_time_and_every_mac_lives_somewhere(month: Any) -> None:
    leases, homes = defaultdict(list), defaultdict(list)
    for row in _rows(month, "lease"):
        leases[_network(row["ip"])].append(row)
    for row in _rows(month, "device_household"):
        homes[normalise_mac(row["mac"])].append(row)
    at_home = 0
    for event in month.whole.values():
        at = _second(event["at"])
        holders = {row["household_id"] for row in leases[_network(event["ip"])] if _covers(row, at)}
        assert holders, event
        home = {row["household_id"] for row in homes[normalise_mac(event["mac"])] if _covers(row, at)}
        assert home, event
        at_home += bool(holders & home)
    assert 0.6 * len(month.whole) < at_home < len(month.whole)


def test_an_address_of_one_household_alone_has_one_holder_at_a_time_and_goes_to_strangers(month: Any) -> None:
    """HH-2: an address is evidence only inside its time window."""
    behind = {place.place_id for place in month.run.simulation.town.homes if place.connection == "behind"}
    by_address = defaultdict(list)
    for row in _rows(month, "lease"):
        by_address[row["ip"]].append(row)
    moved = shared = 0
    for ip, rows in by_address.items():
        if ip.startswith("100."):
            shared += len({row["household_id"] for row in rows}) > 1
            continue
        rows.sort(key=lambda row: row["from"])
        routers = {(row["from"], row["until"]): row for row in rows if row["household_id"] not in behind}
        for before, after in pairwise(routers.values()):
            assert before["until"]
            assert before["until"] <= after["from"]
            moved += before["household_id"] != after["household_id"]
    assert moved > 10
    assert shared > 0


def test_every_address_is_a_public_one(month: Any) -> None:
    assert all(ipaddress.ip_address(row["ip"]).is_global for row in _rows(month, "lease"))


def test_links_are_households_whose_devices_were_seen_at_the_other_on_two_days(month: Any) -> None:
    """HH-4."""
    links = {(row["household_a"], row["household_b"]) for row in _rows(month, "household_link")}
    assert links
    at_place = {
        (address, start): place.place_id
        for place in month.run.simulation.town.homes
        if place.connection not in ("shared", "behind")
        for start, address in zip(place.starts, place.addresses, strict=True)
    }
    holders = defaultdict(list)
    for (address, start), place_id in at_place.items():
        holders[address].append((start, place_id))
    home = {normalise_mac(row["mac"]): row["household_id"] for row in _rows(month, "device_household")}
    special = {row["household_id"] for row in _rows(month, "household_case") if row["case"] in _TWO_HOMES}
    seen = defaultdict(set)
    for event in month.whole.values():
        at_ms = parse_instant(event["at"]).timestamp() * 1000
        before = [entry for entry in holders.get(event["ip"], []) if entry[0] <= at_ms]
        if before:
            pair = tuple(sorted((max(before)[1], home[normalise_mac(event["mac"])])))
            seen[pair].add(int(at_ms // 86_400_000))
    for pair, days in seen.items():
        if pair[0] != pair[1] and not special & set(pair) and len(days) >= 3:  # one evening may last past midnight
            assert pair in links


def test_randomised_macs_are_marked_as_such_and_differ_by_network(month: Any) -> None:
    devices = [device for device in month.run.simulation.town.devices if device.is_randomised]
    assert devices
    for device in devices:
        macs = list(device.macs_used.values())
        assert len(set(macs)) == len(macs)
        assert all(int(mac[:2], 16) & 0b11 == 0b10 for mac in macs)
    first = [device for device in month.run.simulation.town.devices if device.identity < 0]
    hardware = {device.mac for device in first}
    assert len(hardware) == len(first)
    assert all(int(mac[:2], 16) & 0b11 == 0 for mac in hardware)
