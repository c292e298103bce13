"""PRV-3: where below a folder a device's key stands, in whatever form a file keeps it."""

import gzip
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import duckdb

from core.device_rows import count_rows
from core.storage import open_read_only

_BLOCK = 1 << 23
_ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le")  # NumPy keeps text as the last
_TEXT_SUFFIXES = {".json", ".jsonl", ".html", ".md", ".txt", ".log", ".csv", ".yaml", ".yml"}

_TEXT_COLUMNS = """
select schema_name, table_name, column_name from duckdb_columns()
semi join duckdb_tables() using (database_name, schema_name, table_name) where not internal and data_type = 'VARCHAR'
"""


def files_naming(folder: Path, key: str) -> Iterator[Path]:
    """Yield the files in which a key stands: Parquet and DuckDB by rows, packed ones unpacked, all others by bytes.

    A file that goes away meanwhile is passed over.
    """
    for file in sorted(folder.rglob("*")):
        if file.is_symlink() or not file.is_file():
            continue
        with suppress(FileNotFoundError):
            if _names(file, key):
                yield file


def tables_naming(file: Path, key: str) -> dict[str, list[str]]:
    """Return the text columns of each table of a DuckDB file (its name quoted), of those tables that hold a key."""
    columns: dict[str, list[str]] = {}
    with open_read_only(file, threads=2) as connection:
        for schema, table, column in connection.execute(_TEXT_COLUMNS).fetchall():
            columns.setdefault(f"{_quoted(schema)}.{_quoted(table)}", []).append(column)
        return {
            table: names
            for table, names in sorted(columns.items())
            if connection.execute(f"select 1 from {table} where {any_is(names)} limit 1", {"key": key}).fetchone()
        }


def rows_naming(file: Path, key: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table of a DuckDB file that holds a key, with the rows that do."""
    tables = tables_naming(file, key)
    with open_read_only(file, threads=2) as connection:
        for table, columns in tables.items():
            query = f"select * from {table} where {any_is(columns)}"
            result = connection.execute(query, {"key": key})
            names = [column[0] for column in result.description or ()]
            yield table, [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def any_is(columns: list[str]) -> str:
    """Return an SQL condition: one of some columns is ``$key``."""
    return " or ".join(f"{_quoted(column)} = $key" for column in columns)


def blank(file: Path, key: str) -> bool:
    """Overwrite a key in a text file by as many zeros; False where the file is of another kind."""
    if file.suffix not in _TEXT_SUFFIXES:
        return False
    nobody = key[:2] + "0" * (len(key) - 2)
    text = file.read_bytes()
    with file.open("r+b") as out:  # in place: somebody may have it open
        place = text.find(key.encode())
        while place >= 0:
            out.seek(place)
            out.write(nobody.encode())
            place = text.find(key.encode(), place + 1)
    return True


def is_left_behind(file: Path) -> bool:
    """Half a file that a killed process was writing aside (``core.storage.written_aside``)."""
    parts = file.name.split(".")
    if not (file.name.startswith(".") and parts[-1] == "tmp" and parts[-2].isdigit()):
        return False
    try:
        os.kill(int(parts[-2]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _names(file: Path, key: str) -> bool:
    if file.suffix == ".parquet":
        return count_rows(file, {key}) > 0 or _holds(file.open("rb"), key)
    if file.suffix == ".duckdb":
        try:
            return bool(tables_naming(file, key)) or _holds(file.open("rb"), key)
        except duckdb.Error:  # damaged, or being written
            return True
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            return any(_holds(archive.open(name), key) for name in archive.namelist())  # type: ignore[arg-type]
    if file.suffix == ".gz":
        with suppress(OSError, EOFError):
            return _holds(gzip.open(file), key)  # type: ignore[arg-type]
    return _holds(file.open("rb"), key)


def _holds(stream: IO[bytes], key: str) -> bool:
    forms = [key.encode(encoding) for encoding in _ENCODINGS]
    overlap = max(map(len, forms)) - 1
    with stream:
        before = b""
        while block := stream.read(_BLOCK):
            text = before + block
            if any(form in text for form in forms):
                return True
            before = text[-overlap:]
    return False


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
