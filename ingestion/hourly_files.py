"""Rows of a batch as Parquet files, one an hour: sorted once, then written side by side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_WRITERS = 2


def write_by_hour(rows: Any, folder: Path, batch_id: int) -> None:
    """Write an Arrow table with ``happened_at`` as ``folder/hour=YYYY-MM-DDTHH/<batch>_0.parquet``.

    Files are sorted by ``happened_at`` and get a column ``batch_id``.
    """
    rows = rows.append_column(pa.field("batch_id", pa.int64()), pa.repeat(pa.scalar(batch_id, pa.int64()), len(rows)))
    rows = rows.combine_chunks()

    def write(hour: str, numbers: Any) -> None:
        file = folder / f"hour={hour}" / f"{batch_id:08d}_0.parquet"
        file.parent.mkdir(parents=True)
        pq.write_table(rows.take(numbers), file, compression="zstd")

    with ThreadPoolExecutor(_WRITERS) as pool:
        for written in [pool.submit(write, hour, numbers) for hour, numbers in _hours(rows["happened_at"].to_numpy())]:
            written.result()


def _hours(happened_at: Any) -> Iterator[tuple[str, Any]]:
    """Yield (hour, numbers of its rows in the order of time)."""
    if not len(happened_at):
        return
    order = np.argsort(happened_at, kind="stable")
    hours = happened_at[order].astype("datetime64[h]")
    for numbers in np.split(order, np.flatnonzero(np.diff(hours)) + 1):
        yield str(happened_at[numbers[0]].astype("datetime64[h]")), numbers
