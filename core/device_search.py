"""PRV-3: where below a folder a device's key stands, in whatever form a file keeps it."""

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import duckdb

from core.device_rows import count_rows
from core.storage import open_read_only

_BLOCK = 1 << 23
_ENCODINGS = ("utf-8", "utf-16-le", "utf-32-le")  # NumPy keeps text as the last
_TEXT_SUFFIXES = {".json", ".jsonl", ".html", ".md", ".txt", ".log", ".csv", ".yaml", ".yml"}


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
    """Return the text columns of each table of a DuckDB file, of those tables that hold a key."""
    columns: dict[str, list[str]] = {}
    with open_read_only(file, threads=2) as connection:
        found = connection.execute("select table_name, column_name from duckdb_columns() where data_type = 'VARCHAR'")
        for table, column in found.fetchall():
            columns.setdefault(table, []).append(column)
        return {
            table: names
            for table, names in sorted(columns.items())
            if connection.execute(
                f"select 1 from {_quoted(table)} where {any_is(names)} limit 1", {"key": key}
            ).fetchone()
        }


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
