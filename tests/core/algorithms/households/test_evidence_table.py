"""The counts behind the words on the page (HH-3) are those of ``why``, for all devices at once."""

import random

from core.algorithms.households.model import Households

HOUR_MS = 3_600_000
DAYS = 12


def lived() -> Households:
    """Four households of one to four devices, each with an address a day; some are guests, one is nowhere else."""
    rng = random.Random(7)
    households = Households()
    begin_ms = 20_000 * 24 * HOUR_MS
    for home in range(4):
        for device in range(home + 1):
            for day in range(DAYS):
                if rng.random() < 0.2:
                    continue
                at_ms = begin_ms + (24 * day + rng.choice((1, 7, 13, 20, 21))) * HOUR_MS
                host = (home + 1) % 4 if rng.random() < 0.1 else home
                households.observe([f"d_{home}{device}"], [f"a_{host}-{day}"], [at_ms], ["tv"])
    households.refresh(begin_ms + DAYS * 24 * HOUR_MS)
    return households


def test_the_table_counts_what_why_counts_for_each_device() -> None:
    households = lived()
    rows = households.evidence().to_pylist()
    assert [row["device_key"] for row in rows] == sorted(
        f"d_{home}{device}" for home in range(4) for device in range(home + 1)
    )
    for row in rows:
        why = households.why(row["device_key"])
        assert row["household_id"] == why.household_id
        counted = (why.days, why.nights, why.addresses, why.days_elsewhere)
        assert (row["days"], row["nights"], row["addresses"], row["days_elsewhere"]) == counted
        met = [pair for pair in why.co_seen if pair[1]]
        assert (row["co_seen_device_key"], row["co_seen_days"]) == (met[0] if met else (None, 0))
    assert sum(row["co_seen_days"] > 2 for row in rows) > 4


def test_nobody_has_no_rows() -> None:
    households = Households()
    assert households.evidence().num_rows == 0
