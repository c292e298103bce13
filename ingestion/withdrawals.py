"""PRV-2: consent that has ended. An event without any consent has no device in the lake, so nobody else could see it.

A device that never gave a consent leaves no trace: its events without one are looked at in memory and forgotten.
What is remembered can be read from the lake again: when each device first and last gave a consent, and what it has
withdrawn. Where events come late, an earlier withdrawal may be added to a later one; none is taken back.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts.lake import WITHDRAWALS
from core.paths import Paths

PURPOSES = ("personalisation", "advertising")
_GIVEN = """
create or replace temp table given (id uhugeint, purpose varchar, first_at timestamp, last_at timestamp);
create or replace temp table withdrawn (id uhugeint, purpose varchar, said_at timestamp);
"""
_KNOWN_GIVEN = " union all ".join(
    f"""
    select md5_number(device_key), '{purpose}', min(happened_at), max(happened_at)
    from read_parquet($files, hive_partitioning = false) where has_{purpose}_consent group by device_key
    """
    for purpose in PURPOSES
)
_SAID = " union all ".join(
    f"select device, happened_at as said_at, '{purpose}' as purpose, has_{purpose}_consent as is_given from news"
    for purpose in PURPOSES
)
# Few devices have both said yes and lacked a consent: only their events are put in order.
_DEVICES = f"""
create or replace temp table devices as
select
    device, md5_number(device) as id, purpose, bool_or(not is_given) as is_missing,
    min(said_at) filter (is_given) as first_at, max(said_at) filter (is_given) as last_at
from ({_SAID}) group by device, purpose
"""
_FOUND = f"""
with doubtful as (
    select d.device, d.id, d.purpose, g.first_at, g.last_at
    from devices as d left join given as g using (id, purpose)
    where d.is_missing and (d.first_at is not null or g.first_at is not null)
),
said as (
    select device, id, purpose, said_at, is_given, true as is_new from ({_SAID}) join doubtful using (device, purpose)
    union all select device, id, purpose, first_at, true, false from doubtful where first_at is not null
    union all select device, id, purpose, last_at, true, false from doubtful where last_at is not null
    union all select device, id, purpose, said_at, false, false from withdrawn join doubtful using (id, purpose)
),
in_order as (
    select *, lag(is_given) over (partition by device, purpose order by said_at, is_given desc, is_new) as was_given
    from said
)
select device as device_key, purpose, said_at as withdrawn_at
from in_order where is_new and not is_given and was_given order by all
"""
_REMEMBER = """
create or replace temp table given as
select id, purpose, min(first_at) as first_at, max(last_at) as last_at from (
    from given union all select id, purpose, first_at, last_at from devices where first_at is not null
) group by id, purpose
"""


class Withdrawals:
    """Finds consents that end with the events of a batch; batches come in the order of their commits."""

    def __init__(self, connection: Any, paths: Paths) -> None:
        self._connection = connection
        connection.execute(_GIVEN)
        events, ended = paths.events / "hour=*" / "*.parquet", paths.withdrawals / "*.parquet"
        if any(paths.events.glob("hour=*/*.parquet")):
            connection.execute(f"insert into given {_KNOWN_GIVEN}", {"files": str(events)})
        if any(paths.withdrawals.glob("*.parquet")):
            connection.execute(
                "insert into withdrawn select md5_number(device_key), purpose, withdrawn_at from read_parquet($files)",
                {"files": str(ended)},
            )

    def find(self, rows: Any) -> Any:
        """Return an Arrow table (device_key, purpose, withdrawn_at) of what a batch withdraws, and remember the batch.

        Args:
            rows: Arrow table of new events: device (of each, whatever it consents to), happened_at, has_*_consent.
        """
        self._connection.register("news", rows)
        self._connection.execute(_DEVICES)
        found = self._connection.sql(_FOUND).to_arrow_table()
        self._connection.unregister("news")
        self._connection.execute(_REMEMBER)
        self._connection.register("found", found)
        self._connection.execute(
            "insert into withdrawn select md5_number(device_key), purpose, withdrawn_at from found"
        )
        self._connection.unregister("found")
        return found


def write_withdrawals(found: Any, staging: Path, batch_id: int) -> None:
    """Write what ``find`` returned as ``withdrawals/<batch>.parquet`` below ``staging``, if there is any."""
    if not len(found):
        return
    file = staging / "withdrawals" / f"{batch_id:08d}.parquet"
    file.parent.mkdir(parents=True)
    batch = pa.repeat(pa.scalar(batch_id, pa.int64()), len(found))
    pq.write_table(found.append_column("batch_id", batch).cast(WITHDRAWALS), file, compression="zstd")
