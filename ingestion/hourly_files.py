"""Rows of a batch as Parquet files, one an hour, written side by side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_WRITERS = 2
# A dictionary pays where a value comes again within a file; of ids and times nearly every one is new. The least and the
# greatest value of a column help readers only where they ask by it.
_WITH_DICTIONARY = (
    "event", "device_key", "address_key", "user_key", "device_class", "content_id", "series_id", "page", "use_case",
    "arm", "items.list.element", "spot_id",
)  # fmt: skip
_WITH_STATISTICS = ("happened_at", "batch_id")


def write_by_hour(rows: Any, numbers: Any, folder: Path, batch_id: int) -> None:
    """Write some rows of an Arrow table with ``happened_at`` as ``folder/hour=YYYY-MM-DDTHH/<batch>_0.parquet``.

    Files keep the order of the rows, and get a column ``batch_id``.

    Args:
        numbers: of the rows to be written, rising: to pick them so costs less than to throw the others away first.
    """
    rows = rows.append_column(pa.field("batch_id", pa.int64()), pa.repeat(pa.scalar(batch_id, pa.int64()), len(rows)))
    rows = rows.combine_chunks()

    def write(hour: str, picked: Any) -> None:
        file = folder / f"hour={hour}" / f"{batch_id:08d}_0.parquet"
        file.parent.mkdir(parents=True)
        pq.write_table(
            rows.take(picked), file, compression="zstd",
            use_dictionary=[*_WITH_DICTIONARY], write_statistics=[*_WITH_STATISTICS],
        )  # fmt: skip

    with ThreadPoolExecutor(_WRITERS) as pool:
        hours = _by_hour(rows["happened_at"].to_numpy(), numbers)
        for written in [pool.submit(write, hour, picked) for hour, picked in hours]:
            written.result()


def _by_hour(happened_at: Any, numbers: Any) -> Iterator[tuple[str, Any]]:
    """Yield (hour, numbers of its rows)."""
    hours = happened_at[numbers].astype("datetime64[h]")
    order = np.argsort(hours, kind="stable")
    for place in np.split(order, np.flatnonzero(np.diff(hours[order])) + 1):
        if len(place):
            yield str(hours[place[0]]), numbers[place]
