"""PRV-3: the rows of Parquet files that name a device, found by its key in any text column, and taken out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.storage import fsync_directory, written_aside


def parquet_files(folder: Path) -> Iterator[Path]:
    """Yield the Parquet files below a folder, each once: links to folders are not followed."""
    for file in sorted(folder.rglob("*.parquet")):
        if file.is_file() and not file.is_symlink():
            yield file


def rows_of(file: Path, keys: set[str]) -> list[dict[str, Any]]:
    """Return the rows that name one of some keys."""
    rows = _table(file, keys)
    return [] if rows is None else rows.filter(pa.array(_names_one(rows, keys))).to_pylist()


def count_rows(file: Path, keys: set[str]) -> int:
    """Return how many rows name one of some keys."""
    rows = _table(file, keys)
    return 0 if rows is None else int(_names_one(rows, keys).sum())


def remove_rows(file: Path, keys: set[str]) -> int:
    """Take the rows that name one of some keys out of a file, which goes if none is left; return how many."""
    rows = _table(file, keys)
    if rows is None:
        return 0
    is_gone = _names_one(rows, keys)
    count = int(is_gone.sum())
    if count == len(rows):
        file.unlink()
        fsync_directory(file.parent)
    elif count:
        rewrite(file, rows.filter(pa.array(~is_gone)))
    return count


def blank_cells(file: Path, keys: set[str], column: str) -> int:
    """Make null what names one of some keys in a column of rows that are about others; return how many."""
    rows = _table(file, keys)
    if rows is None:
        return 0
    is_it = _is_one(rows[column].combine_chunks(), pa.array(sorted(keys)))
    if is_it.any():
        cells = pc.if_else(pa.array(is_it), pa.scalar(None, rows[column].type), rows[column])
        rewrite(file, rows.set_column(rows.schema.get_field_index(column), rows.schema.field(column), cells))
    return int(is_it.sum())


def rewrite(file: Path, rows: Any) -> None:
    """Put an Arrow table in a file's place."""
    with written_aside(file) as aside:
        pq.write_table(rows, aside, compression="zstd")


def _table(file: Path, keys: set[str]) -> Any:
    """The whole file, or None when its text columns, read alone, name none of the keys: that is usual and quick."""
    parquet = pq.ParquetFile(file)
    names = [field.name for field in parquet.schema_arrow if _holds_text(field.type)]
    if not names or not _names_one(parquet.read(columns=names), keys).any():
        return None
    return parquet.read()


def _names_one(rows: Any, keys: set[str]) -> Any:
    """(rows,) bool."""
    found = np.zeros(len(rows), bool)
    for column in rows.itercolumns():
        if _holds_text(column.type):
            found |= _is_one(column.combine_chunks(), pa.array(sorted(keys)))
    return found


def _is_one(column: Any, wanted: Any) -> Any:
    """(rows,) bool: the text, or one of the texts in the list, is wanted."""
    if pa.types.is_dictionary(column.type):
        return _is_one(column.cast(column.type.value_type), wanted)
    if not pa.types.is_list(column.type):
        return pc.is_in(column, value_set=wanted.cast(column.type)).to_numpy(zero_copy_only=False)
    found = np.zeros(len(column), bool)
    parents = pc.list_parent_indices(column).to_numpy(zero_copy_only=False)
    found[parents[_is_one(pc.list_flatten(column), wanted)]] = True
    return found


def _holds_text(kind: Any) -> bool:
    if pa.types.is_list(kind) or pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
