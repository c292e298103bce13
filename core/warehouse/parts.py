"""An export as a folder of daily parts, of which a build writes only those that have changed.

``exports/<model>.parquet`` is a link to ``exports/parts/<model>/<generation>/``, which DuckDB and pyarrow read like one
file. A part is named after its day and a digest of its rows, so what is there need not be written again: it is linked
into the next generation. Moving the one link shows all of the new parts at once.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from core.contracts import exports
from core.paths import Paths
from core.storage import fsync_directory, fsync_file

if TYPE_CHECKING:
    import duckdb

ORDER = {exports.FEAT_DEVICE: "device_key", exports.FCT_CONTENT_DAYS: "content_id, device_class"}
"""Of the rows of a day; those of models that are not named have none."""
_NO_DAY = "none"  # a model without rows has one part nevertheless, which holds its columns
_DAYS_AT_ONCE = 50  # DuckDB keeps a file open for each, and closes some above a hundred


def export_parts(connection: "duckdb.DuckDBPyConnection", paths: Paths, model: str, *, keep_previous: bool) -> int:
    """Bring the parts of a model to what its table holds; return its rows."""
    days = _days(connection, model)
    wanted = {name: day for day, (name, _) in days.items()}
    folder, link = paths.exports / "parts" / model, paths.export(model)
    before = link.resolve() if link.is_symlink() and link.is_dir() else None
    known = {part.name for part in before.iterdir()} if before else set()
    current = before
    if before is None or known != wanted.keys():
        current = folder / f"{int(before.name) + 1 if before else 1:06d}"
        shutil.rmtree(current, ignore_errors=True)  # of an export that was killed
        current.mkdir(parents=True)
        for name in known & wanted.keys():
            os.link(link / name, current / name)
        missing = {day: name for name, day in wanted.items() if name not in known}
        targets = [(day, current / name) for day, name in missing.items()]
        for first in range(0, len(targets), _DAYS_AT_ONCE):
            _write(connection, model, dict(targets[first : first + _DAYS_AT_ONCE]))
        fsync_directory(current)
        _point(link, current)
    for old in folder.iterdir():
        if old != current and not (keep_previous and old == before):
            shutil.rmtree(old)
    return sum(rows for _, rows in days.values())


def _days(connection: "duckdb.DuckDBPyConnection", model: str) -> dict[str, tuple[str, int]]:
    """For each UTC day the name of its part, which tells its rows and columns from any others, and its row count."""
    columns = connection.execute(f"describe main.{model}").fetchall()
    schema = hashlib.sha256(repr([column[:2] for column in columns]).encode()).hexdigest()[:8]
    day = f"{exports.PARTED_BY[model]}::date"
    query = f"select {day}, count(*), sum(hash(it)) from main.{model} as it group by 1 order by 1"
    found = connection.execute(query).fetchall()
    if not found:
        return {_NO_DAY: (f"{_NO_DAY}-0-{schema}.parquet", 0)}
    return {
        str(day): (f"{day}-{rows}-{int(digest) % 2**64:016x}-{schema}.parquet", rows) for day, rows, digest in found
    }


def _write(connection: "duckdb.DuckDBPyConnection", model: str, targets: dict[str, Path]) -> None:
    """Write the rows of each day to the file given for it, in one pass over the table."""
    if _NO_DAY in targets:
        connection.execute(f"copy (from main.{model}) to '{targets[_NO_DAY]}' (format parquet)")
        fsync_file(targets[_NO_DAY])
        return
    aside = next(iter(targets.values())).parent / "aside"
    day, listed = f"{exports.PARTED_BY[model]}::date", ", ".join(f"date '{day}'" for day in targets)
    order = f" order by part_day, {ORDER[model]}" if model in ORDER else ""
    connection.execute(
        f"copy (select *, {day} as part_day from main.{model} where {day} in ({listed}){order}) "
        f"to '{aside}' (format parquet, partition_by (part_day))"
    )
    for name, target in targets.items():
        (file,) = (aside / f"part_day={name}").iterdir()
        fsync_file(file)
        file.replace(target)
    shutil.rmtree(aside)


def _point(link: Path, generation: Path) -> None:
    aside = link.with_name(f".{link.name}.link.tmp")
    aside.symlink_to(generation.relative_to(link.parent))
    aside.replace(link)
    fsync_directory(link.parent)
