"""Spark's process: a local session over the lake's events, in which dbt runs.

`python -m core.warehouse.spark_process FOLDER BOUNDS ARGUMENTS`: where input/ is and tables/ shall be, the newest
commit and time that count (JSON), and dbt's arguments (JSON). Ends with 1 and one line of reason if a node failed.
"""

import json
import sys
from pathlib import Path
from typing import Any

_QUIET = ("--no-use-colors", "--log-level", "none", "--log-level-file", "none", "--no-write-json", "--no-partial-parse")
_BOUNDED = """
    create view lake.events as
    select * from lake.events_stored where batch_id <= {batch_id} and happened_at <= timestamp_ntz'{until}'
"""


def main() -> None:
    """Build, or say why not."""
    folder = Path(sys.argv[1])
    session = _session(folder)
    try:
        _lay_out(session, folder, json.loads(sys.argv[2]))
        reason = _run(json.loads(sys.argv[3]))
    finally:
        session.stop()
    if reason:
        sys.stderr.write(" ".join(reason.split()) + "\n")
        sys.exit(1)


def _session(folder: Path) -> Any:
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.local.dir": str(folder / "scratch"),
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }
    builder = SparkSession.builder.master("local[2]").appName("mediathek")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _lay_out(session: Any, folder: Path, bounds: dict[str, Any]) -> None:
    """Name the events as dbt's source names them: Spark has no source that is an address."""
    session.sql("create database lake")
    session.sql(f"create table lake.events_stored using parquet location '{folder / 'input' / 'events'}'")
    session.sql(_BOUNDED.format(**bounds))


def _run(arguments: list[str]) -> str:
    """Return the reason of the first node that failed, or nothing."""
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke([*_QUIET, *arguments])
    failed = [row for row in getattr(done.result, "results", ()) if str(row.status) in ("error", "fail")]
    if failed:
        return f"{failed[0].node.unique_id}: {failed[0].message}"
    return "" if done.success else str(done.exception or "dbt failed")


if __name__ == "__main__":
    main()
