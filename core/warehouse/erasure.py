"""PRV-3: the warehouse without a device. It is disposable, so it is built anew from a lake that no longer has it."""

import shutil
from datetime import datetime

import duckdb

from core.device_rows import count_rows, parquet_files
from core.device_search import any_is, tables_naming
from core.settings import Settings
from core.storage import open_read_only
from core.warehouse import state
from core.warehouse.runs import rebuild
from core.warehouse.spark import FOLDERS


def rebuild_without(settings: Settings, device_key: str, as_of: datetime) -> int:
    """Build the warehouse and its exports anew if they hold a device, or are damaged; returns how many rows named it.

    Nothing of the old DuckDB file and the old exports stays: a row that is deleted leaves its bytes in the file.
    Nor does what a killed run of Spark has left; one that runs at the moment ends with an error and is run again.

    Raises:
        StageError: a build is running, or this one failed.
    """
    paths = settings.paths
    for folder in paths.warehouse.parent.glob(f"{FOLDERS}*"):
        shutil.rmtree(folder, ignore_errors=True)
    count = sum(count_rows(file, {device_key}) for file in parquet_files(paths.exports))
    is_whole = not paths.warehouse.exists() or state.read(paths) is not None  # no state: a build was broken off
    try:
        count += _rows_in_tables(settings, device_key)
    except duckdb.Error:
        is_whole = False
    if count or not is_whole:
        rebuild(settings, as_of)
    return count


def _rows_in_tables(settings: Settings, device_key: str) -> int:
    file = settings.paths.warehouse
    if not file.exists():
        return 0
    tables = tables_naming(file, device_key)
    with open_read_only(file, threads=2) as connection:
        counts = [
            connection.execute(f"select count(*) from {table} where {any_is(columns)}", {"key": device_key}).fetchone()
            for table, columns in tables.items()
        ]
    return sum(int(count[0]) for count in counts if count)
