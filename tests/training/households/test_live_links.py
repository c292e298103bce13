"""HH-4: links follow the visits while they arrive, and are those of a batch run over the same."""

import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import exports
from core.settings import Settings, load
from tests.training.households.live_lake import FIRST_DAY, Row, commit, device, seen
from training.households import live, run
from training.households.links import link

DAYS, HOMES = 24, 8
VISITS = (3, 6, 10, 13, 17, 20)
"""Evenings that a phone of every second home spends with the next home."""
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def evening(day: int, rng: random.Random) -> list[Row]:
    """A TV and two phones a home, there together; one phone is elsewhere on some evenings."""
    rows = []
    begin = FIRST_DAY + timedelta(days=day, hours=18)
    for home in range(HOMES):
        for member in range(3):
            is_out = home % 2 == 0 and member == 1 and day - home // 2 in VISITS
            for minutes in (0, 25, 50, 170):
                at = begin + timedelta(minutes=minutes + rng.randrange(8))
                rows.append(seen(30 * home + member * 3, f"home{home + is_out}", at))
    return rows


def write_playbacks(settings: Settings) -> None:
    """What the last build left: both watch what hardly anybody else does."""
    rows = [
        {"device_key": device(30 * home), "content_id": f"video-{number if home > 1 else 90 + number}",
         "started_at": datetime(2026, 5, 2 + number)}
        for home in range(HOMES) for number in range(6)
    ]  # fmt: skip
    file = settings.paths.export(exports.FCT_PLAYBACKS)
    file.parent.mkdir(parents=True)
    types = [("device_key", pa.string()), ("content_id", pa.string()), ("started_at", pa.timestamp("us"))]
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(types)), file)


def settings_of(home: Path) -> Settings:
    return load({"MEDIATHEK_HOME": str(home), "MEDIATHEK_LIVE_HOUSEHOLDS__STEP_EVENTS": "1"})


def follow(settings: Settings) -> None:
    is_idle: list[float] = []
    live.follow(settings, lambda: NOW, lambda: bool(is_idle), is_idle.append)


def members(home: int) -> list[str]:
    return [device(30 * home + 3 * member) for member in range(3)]


def linked(settings: Settings) -> list[dict[str, Any]]:
    """Links between sets of devices: ids are each home's own."""
    homes: dict[str, set[str]] = {}
    for row in pq.ParquetFile(settings.paths.household_assignments).read().to_pylist():
        homes.setdefault(row["household_id"], set()).add(row["device_key"])
    rows = pq.ParquetFile(settings.paths.household_links).read().to_pylist()
    named = [
        row | {"of": sorted((sorted(homes[row.pop("household_a")]), sorted(homes[row.pop("household_b")])))}
        for row in rows
    ]
    told = [{name: value for name, value in row.items() if name != "evidence"} for row in named]
    return sorted(told, key=lambda row: str(row["of"]))


@pytest.fixture
def followed(tmp_path: Path) -> Settings:
    """A live consumer that took evening after evening, and was stopped and started in between."""
    settings, rng = settings_of(tmp_path / "live"), random.Random(5)
    write_playbacks(settings)
    for day in range(DAYS):
        commit(settings.paths, day + 1, evening(day, rng), as_of=FIRST_DAY + timedelta(days=day + 1))
        if day in (8, DAYS - 1):
            follow(settings)
    return settings


def test_links_follow_the_visits_and_are_those_of_a_batch_run(followed: Settings, tmp_path: Path) -> None:
    found = linked(followed)
    assert [link["of"] for link in found] == [[members(home), members(home + 1)] for home in range(0, HOMES, 2)]
    assert all(row["visit_days"] >= 4 for row in found)
    assert all(row["shared_lift"] > 1 for row in found)

    as_of = FIRST_DAY + timedelta(days=DAYS)
    batch = settings_of(tmp_path / "batch")
    for part in ("lake", "ledger", "warehouse"):
        shutil.copytree(followed.home / part, batch.home / part)
    run.cluster(batch, as_of)
    link(batch, as_of)
    assert found == linked(batch)


def test_what_is_wrong_with_them_is_said_and_stops_nothing_else(followed: Settings, caplog: Any) -> None:
    assert (before := linked(followed))
    followed.paths.export(exports.FCT_PLAYBACKS).write_bytes(b"damaged")
    commit(followed.paths, DAYS + 1, evening(DAYS, random.Random(6)), as_of=FIRST_DAY + timedelta(days=DAYS + 1))
    follow(followed)
    assert linked(followed) == before
    assert "links stay as they are" in caplog.text
