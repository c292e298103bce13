"""Which events the lake has already: exactly once by ``event_id``, over the whole lake and not only within an hour.

Kept in memory as 128-bit digests (16 bytes an event) and built anew from the lake at every start, so that there is no
second truth that could disagree with the data.
"""

from typing import Any

from core.paths import Paths

# Of one portion: the first line of every id, unless the lake has it.
_FRESH = """
create or replace temp table fresh as
with first as (select md5_number(event_id) as id, min(seq) as seq from fine group by all)
select id, seq from first anti join seen using (id)
"""


class SeenEvents:
    """The ids of all events in the lake and in the batch under way."""

    def __init__(self, connection: Any, paths: Paths) -> None:
        self._connection = connection
        connection.execute("create temp table seen (id uhugeint)")
        if any(paths.events.glob("hour=*/*.parquet")):
            connection.execute(
                "insert into seen select md5_number(event_id) from read_parquet($files, hive_partitioning = false)",
                {"files": str(paths.events / "hour=*" / "*.parquet")},
            )

    def fresh(self, rows: Any) -> Any:
        """Return the seqs of those rows of an Arrow table (with event_id and seq) that are new, and remember them."""
        self._connection.register("fine", rows)
        self._connection.execute(_FRESH)
        self._connection.unregister("fine")
        self._connection.execute("insert into seen select id from fresh")
        return self._connection.execute("select seq from fresh").fetchnumpy()["seq"]
