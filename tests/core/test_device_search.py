"""PRV-3: a key is found in whatever form a file keeps it."""

import gzip
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.device_search import blank, files_naming, is_left_behind, rows_naming

KEY, OTHER = "d_" + "1" * 24, "d_" + "2" * 24


def _parquet(file: Path, key: str) -> None:
    pq.write_table(pa.table({"k": [OTHER, key]}), file, compression="zstd", write_statistics=False)


def _duckdb(file: Path, key: str) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema other; create table other.t (n int, k varchar)")
        connection.execute("insert into other.t select range, ? from range(5000)", [key])


def _sqlite(file: Path, key: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("create table t (k text)")
        connection.execute("insert into t values (?)", (key,))
    connection.close()


WAYS = {
    "a.json": lambda file, key: file.write_text(f'{{"k": "{key}"}}'),
    "a.json.gz": lambda file, key: file.write_bytes(gzip.compress(key.encode())),
    "a.npy": lambda file, key: np.save(file, np.array([OTHER, key])),
    "a.npz": lambda file, key: np.savez_compressed(file, keys=np.array([OTHER, key])),
    "a.parquet": _parquet,
    "a.duckdb": _duckdb,
    "a.db": _sqlite,
}


@pytest.mark.parametrize("name", WAYS)
def test_a_key_is_found_and_another_is_not(name: str, tmp_path: Path) -> None:
    WAYS[name](tmp_path / name, KEY)
    assert [file.name for file in files_naming(tmp_path, KEY)] == [name]
    assert list(files_naming(tmp_path, "d_" + "3" * 24)) == []


def test_a_key_across_two_blocks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.device_search._BLOCK", 20)
    (tmp_path / "a.bin").write_bytes(b"x" * 10 + KEY.encode() + b"x" * 30)
    assert len(list(files_naming(tmp_path, KEY))) == 1


def test_a_duckdb_file_that_cannot_be_read_counts_as_naming_everybody(tmp_path: Path) -> None:
    (tmp_path / "a.duckdb").write_bytes(b"no database")
    assert len(list(files_naming(tmp_path, KEY))) == 1


def test_rows_of_a_table_in_any_schema_are_given(tmp_path: Path) -> None:
    _duckdb(tmp_path / "a.duckdb", KEY)
    ((table, rows),) = rows_naming(tmp_path / "a.duckdb", KEY)
    assert table == '"other"."t"'
    assert len(rows) == 5000
    assert rows[0] == {"n": 0, "k": KEY}


def test_a_key_in_a_text_file_is_overwritten_in_place(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_text(f"{KEY} and {OTHER} and {KEY}\n")
    with file.open("a") as writer:
        assert blank(file, KEY)
        writer.write("later\n")
    assert file.read_text() == f"d_{'0' * 24} and {OTHER} and d_{'0' * 24}\nlater\n"
    assert not blank(tmp_path / "a.db", KEY)


def test_half_a_file_of_a_dead_process_is_left_behind_and_of_a_living_one_is_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    assert is_left_behind(tmp_path / f".rows.parquet.{ended.pid}.tmp")
    assert not is_left_behind(tmp_path / f".rows.parquet.{os.getpid()}.tmp")
    assert not is_left_behind(tmp_path / "rows.parquet")
    assert not is_left_behind(tmp_path / ".hidden.tmp")
