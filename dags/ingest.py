"""### Take in what the backends delivered

**Does** Reads the landing directory, the Kafka topic if there is one, and the closed hours of serving's decision
log; writes validated, pseudonymised Parquet. Exactly once by `event_id`, however often it runs (LOG-2, LOG-4, PRV-1).

**When** Every hour, and at most every ten minutes when the landing directory changes (a watcher in the triggerer).

**Reads** `MEDIATHEK_SOURCE`, `MEDIATHEK_KAFKA_BOOTSTRAP`/`_TOPIC`, `$MEDIATHEK_HOME/decision_log/`.
**Writes** `$MEDIATHEK_HOME/lake/`, `ledger/`. **Then** the asset `lake`, if anything was accepted: build follows.

**Normal oddities** `announce` skipped: nothing new came. Some lines in quarantine: a few in a thousand are always
broken; the quarantine page counts them by reason. A backfill accepts nothing when the files were read already.

**If it fails** Nothing is half-written: clear the task. "another consumer": a second `mediathek ingest` runs; wait or
end it. Disk full: make room, clear. All lines quarantined with one reason: a backend changed its format; tell it, and
after the fix `mediathek quarantine retry`. Serving is not touched: it goes on with yesterday's model.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.shared import assets, policy
from dags.shared.run_stage import arrival_time, run_stage


@dag(
    schedule=AssetOrTimeSchedule(timetable=policy.every("2 * * * *", timedelta(hours=1)), assets=[assets.landing()]),
    **policy.arguments(__doc__, severity="high", subjects=("data",)),
)
def ingest() -> None:
    """Wire the three doors and the announcement."""

    @task
    def from_landing() -> Any:
        from ingestion.landing import ingest_source

        def take_in(settings: Any, as_of: Any) -> Any:
            return ingest_source(settings, settings.source, as_of) if settings.source else None

        return run_stage(take_in, arrival_time)

    @task
    def from_kafka() -> Any:
        def take_in(settings: Any, as_of: Any) -> Any:
            if not settings.kafka_bootstrap:
                return None
            from ingestion.kafka import ingest_topic

            return ingest_topic(settings, settings.kafka_bootstrap, settings.kafka_topic, as_of)

        return run_stage(take_in, arrival_time)

    @task
    def from_decision_log() -> Any:
        from ingestion.decision_log import ingest_decisions

        return run_stage(ingest_decisions, arrival_time)

    @task
    def head() -> int:
        from ingestion.ledger import head as ledger_head

        return int(run_stage(lambda settings, as_of: ledger_head(settings.paths), arrival_time))

    @task(outlets=[assets.LAKE])
    def announce(before: int, after: int) -> None:
        if after == before:
            raise AirflowSkipException(f"nothing new since batch {before}")

    before = head.override(task_id="head_before")()
    after = head.override(task_id="head_after")()
    before >> from_landing() >> from_kafka() >> from_decision_log() >> after
    announce(before, after)


ingest()
