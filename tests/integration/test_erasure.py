"""PRV-3, PRV-1: after whole runs, one device is erased; then nothing below the home names it, however it is read."""

import csv
import json
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.simulated_day import AS_OF, Day, mediathek

pytestmark = pytest.mark.integration


def _texts(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every byte, and every value of Parquet, SQLite and DuckDB files, which may be packed. Independent of the code."""
    for file in sorted(home.rglob("*")):
        if file.is_symlink() or not file.is_file():
            continue
        name = str(file.relative_to(home))
        data = file.read_bytes()
        yield name, data
        if file.suffix == ".parquet":
            yield name, repr(pq.ParquetFile(file).read().to_pydict()).encode()
        elif file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as connection:
                for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                    yield name, repr(connection.execute(f'select * from "{table}"').fetchall()).encode()
        elif data.startswith(b"SQLite format 3"):
            connection = sqlite3.connect(file)
            for line in connection.iterdump():
                yield name, line.encode()
            connection.close()


def _json(home: Path, *arguments: str | Path) -> Any:
    done = mediathek(home, *arguments, "--json")
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(day: Day, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy: other tests look at the same day."""
    target = tmp_path_factory.mktemp("erased") / "home"
    shutil.copytree(day.home, target, symlinks=True)
    return target


def _busiest(day: Day, home: Path) -> tuple[str, str]:
    """Return the MAC and key of the device with most events."""
    with (day.simulated / "truth" / "device_household.csv").open() as file:
        macs = sorted({row["mac"] for row in csv.DictReader(file)})
    counts: Counter[str] = Counter()
    for part in day.paths.events.rglob("*.parquet"):
        counts.update(pq.ParquetFile(part).read(columns=["device_key"])["device_key"].to_pylist())
    keys = {row["device_key"]: row["mac"] for row in _json(home, "privacy", "pseudonym", *macs)}
    key = next(key for key, _ in counts.most_common() if key in keys)
    return keys[key], key


def test_an_erased_device_is_nowhere_and_old_files_do_not_bring_it_back(day: Day, home: Path, tmp_path: Path) -> None:
    mac, key = _busiest(day, home)
    digits = re.sub("[^0-9a-f]", "", mac)
    raw = re.compile("[:.-]?".join(digits[at : at + 2] for at in range(0, 12, 2)).encode(), re.IGNORECASE)
    before = _json(home, "privacy", "export", mac)["stores"]
    assert len(before["lake/events"]) > 50
    assert before["warehouse/fct_playbacks"]
    assert before["features/online"]
    named = {name.split("/")[0] for name, text in _texts(home) if key.encode() in text}
    assert {"lake", "warehouse", "feast", "households"} <= named

    report = _json(home, "privacy", "erase", mac, "--yes")
    assert report["gone"]["lake/events"] == len(before["lake/events"])
    assert report["rebuilt"] == ["warehouse", "features"]
    assert [name for name, text in _texts(home) if key.encode() in text or raw.search(text)] == []

    again = tmp_path / "again"
    shutil.copytree(day.simulated / "landing", again)
    for file in (again / "events").rglob("*.jsonl"):  # other content, so that every line is read once more
        file.write_text("\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    counts = _json(home, "ingest", "--source", again, "--as-of", AS_OF)["events"]
    assert counts["repeated"] > 1000
    assert counts["expired"] > 0
    assert counts["accepted"] == 0
    assert [name for name, text in _texts(home) if key.encode() in text or raw.search(text)] == []
    assert _json(home, "privacy", "export", mac)["stores"] == {}
