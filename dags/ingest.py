"""### Take in what the backends delivered

**Does** Reads the landing directory, the Kafka topic if there is one, and the closed hours of serving's decision
log; writes validated, pseudonymised Parquet. Exactly once by `event_id`, however often it runs (LOG-2, LOG-4, PRV-1).

**When** Every hour, and at most every ten minutes when the landing directory changes (a watcher in the triggerer).

**Reads** `MEDIATHEK_SOURCE`, `MEDIATHEK_KAFKA_BOOTSTRAP`/`_TOPIC`, `$MEDIATHEK_HOME/decision_log/`.
**Writes** `$MEDIATHEK_HOME/lake/`, `ledger/`. **Then** the asset `lake`, if the lake holds what no
build has read: build follows.

**Normal oddities** `announce` skipped: everything is built already. Nothing accepted although logs came: `mediathek up`
follows the same logs, so that the picture of households moves, and took them in before; it gives way to this DAG. Some
lines in quarantine: a few in a thousand are always broken; the quarantine page counts them by reason. A backfill
accepts nothing when the files were read already.

**If it fails** Nothing is half-written: clear the task. "another consumer": a second `mediathek ingest` runs; wait or
end it. Disk full: make room, clear. All lines quarantined with one reason: a backend changed its format; tell it, and
after the fix `mediathek quarantine retry`. Serving is not touched: it goes on with yesterday's model.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from core.settings import load
from dags.shared import assets, policy
from dags.shared.run_stage import arrival_time, in_turn, run_stage


@dag(
    schedule=AssetOrTimeSchedule(timetable=policy.every("2 * * * *", timedelta(hours=1)), assets=[assets.landing()]),
    **policy.arguments(__doc__, severity="high", subjects=("data",)),
)
def ingest() -> None:
    """Wire the doors and the announcement."""

    @task
    def from_landing() -> Any:
        from ingestion.landing import ingest_source

        def take_in(settings: Any, as_of: Any) -> Any:
            return ingest_source(settings, settings.source, as_of) if settings.source else None

        return run_stage(in_turn(take_in), arrival_time)

    @task
    def from_kafka() -> Any:
        from ingestion.kafka import ingest_topic

        def take_in(settings: Any, as_of: Any) -> Any:
            return ingest_topic(settings, settings.kafka_bootstrap, settings.kafka_topic, as_of)

        return run_stage(in_turn(take_in), arrival_time)

    @task
    def from_decision_log() -> Any:
        from ingestion.decision_log import ingest_decisions

        return run_stage(in_turn(ingest_decisions), arrival_time)

    @task(outlets=[assets.LAKE])
    def announce() -> None:
        from core.warehouse.state import is_built

        if run_stage(lambda settings, as_of: is_built(settings.paths), arrival_time):
            raise AirflowSkipException("the last build has read all that is in the lake")

    landing, decisions = from_landing(), from_decision_log()
    landing >> decisions >> announce()
    if load().kafka_bootstrap:
        landing >> from_kafka() >> decisions


ingest()
