"""Files that are never half-written, and DuckDB as a reader. Only dbt writes the DuckDB file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb


def fsync_directory(directory: Path) -> None:
    """Make renames in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_file(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target``; on success it replaces the target at once, durably.

    A failed fsync is never tried again: it raises, and the target stays as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        yield aside
        fsync_file(aside)
        aside.replace(target)
        fsync_directory(target.parent)
    finally:
        aside.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with written_aside(target) as aside:
        aside.write_text(text, encoding="utf-8")


def connect(memory_limit_megabytes: int | None = None, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that never spills to disk, works in UTC and fetches no extension."""
    config: dict[str, Any] = {"temp_directory": "", "autoinstall_known_extensions": "false"}
    if memory_limit_megabytes is not None:
        config["memory_limit"] = f"{memory_limit_megabytes}MB"
    if threads is not None:
        config["threads"] = str(threads)
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("set timezone = 'UTC'")
    return connection


def read_rows(file: Path, query: str = "select * from rows", **parameters: Any) -> list[dict[str, Any]]:
    """Answer a query over one Parquet file, named ``rows`` in the query, as a list of dicts."""
    with connect() as connection:
        relation = connection.read_parquet(str(file))
        relation.create_view("rows")
        result = connection.execute(query, parameters or None)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def open_read_only(file: Path, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file to read it; fails while another process writes it."""
    config: dict[str, Any] = {"autoinstall_known_extensions": "false"}
    if threads is not None:
        config["threads"] = str(threads)
    return duckdb.connect(str(file), read_only=True, config=config)


def damage_of(file: Path) -> str | None:
    """Tell in a few words why a DuckDB file cannot be used; None when it opens and its tables can be listed."""
    try:
        with open_read_only(file) as connection:
            for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                connection.execute(f'select count(*) from "{table}"').fetchone()
    except duckdb.Error as error:
        return str(error).splitlines()[0][:160]
    return None
